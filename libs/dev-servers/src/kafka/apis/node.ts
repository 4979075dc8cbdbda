/** The only node of the cluster: leader of every partition, coordinator of every group. */
export interface Node {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly clusterId: string;
}
