import { randomUUID } from 'node:crypto';
import type { handleUnaryCall } from '@grpc/grpc-js';
import { LOOPBACK } from '../../process/listen.js';
import { gossip, shared } from './stubs.js';

const TICKS_PER_MILLISECOND = 10_000n;

/** Gossip.Read: a cluster of one, which leads. @param port asked for at each call */
export function gossipHandler(port: () => number): handleUnaryCall<shared.Empty, gossip.ClusterInfo> {
  const instance = new shared.UUID().setString(randomUUID());
  return (_call, callback) => {
    const member = new gossip.MemberInfo()
      .setInstanceId(instance)
      .setTimeStamp(String(BigInt(Date.now()) * TICKS_PER_MILLISECOND))
      .setState(gossip.MemberInfo.VNodeState.LEADER)
      .setIsAlive(true)
      .setHttpEndPoint(new gossip.EndPoint().setAddress(LOOPBACK).setPort(port()));
    callback(null, new gossip.ClusterInfo().setMembersList([member]));
  };
}
