# The commands in docs/runbooks: source deploy/operator.sh. Requires kubectl with the context of the cluster. Change the
# names to those of your overlay.

NAMESPACE=${NAMESPACE:-invitations}
KAFKA_NAMESPACE=${KAFKA_NAMESPACE:-kafka}
# Any pod of a broker, because it contains Kafka's own tools.
KAFKA_POD=${KAFKA_POD:-invitations-dual-role-0}

# Who you are, and why you do it, for the record of changes (table read_models.operator_actions, and the log of the pod).
OPERATOR=${OPERATOR:-$(id -un)}
WHY=${WHY:-}

in-app() {
  local workload=$1 main=$2
  shift 2
  kubectl -n "$NAMESPACE" exec -i "$workload" -- node "dist/apps/$main" \
    --operator "$OPERATOR" ${WHY:+--why "$WHY"} "$@"
}

# Status of projections, rebuilds, parked accounts: docs/projections.md
projections() { in-app deployment/projector-inbox projector/src/projections.main.js "$@"; }
# Commands that could not be processed: docs/dead-letters.md
dead-letters() { in-app deployment/command command/src/dead-letters.main.js "$@"; }
# Closes the account of a member who leaves: docs/runbooks/close-an-account.md
close-account() { in-app deployment/command command/src/close-account.main.js "$@"; }
# What is stored of a member: docs/export.md
export-member() { in-app deployment/projector-inbox projector/src/export-member.main.js "$@"; }
# Wraps the keys of authors with the first key of TEXT_KEYS: docs/runbooks/rotate-keys.md
rewrap-keys() { in-app deployment/projector-inbox projector/src/rewrap-keys.main.js "$@"; }
# Erases a member for ever, and proves it: docs/erasure.md
erase() { in-app deployment/projector-inbox projector/src/erase.main.js "$@"; }
# The outcome of every e-mail: docs/mail.md
mail-ledger() { in-app deployment/notification notification/src/ledger.main.js "$@"; }

# Compares the read models with the log now, as the CronJob does every week: docs/replay.md
verify-now() {
  kubectl -n "$NAMESPACE" delete job verify-now --ignore-not-found
  kubectl -n "$NAMESPACE" create job verify-now --from=cronjob/verify
}

consumer-groups() {
  kubectl -n "$KAFKA_NAMESPACE" exec -i "$KAFKA_POD" -- \
    bin/kafka-consumer-groups.sh --bootstrap-server localhost:9092 "$@"
}

# Prints the readiness of an app's pods, component by component.
readiness() {
  local pod
  for pod in $(kubectl -n "$NAMESPACE" get pods -l "app.kubernetes.io/name=$1" -o name); do
    echo "$pod"
    kubectl -n "$NAMESPACE" exec "$pod" -- node -e \
      'fetch(`http://127.0.0.1:${process.argv[1]}/readyz`).then(async (r) => console.log(r.status, await r.text()))' "$2"
  done
}

# Scales ScaledObjects to zero, or lets KEDA scale them again. The names are those of the ScaledObjects.
pause() {
  kubectl -n "$NAMESPACE" annotate --overwrite scaledobject "$@" autoscaling.keda.sh/paused-replicas=0
  local name
  for name in "$@"; do kubectl -n "$NAMESPACE" wait --for=delete pod -l "$(selector "$name")" --timeout=2m; done
}
resume() { kubectl -n "$NAMESPACE" annotate scaledobject "$@" autoscaling.keda.sh/paused-replicas-; }
selector() {
  case $1 in
    projector-*) echo "app.kubernetes.io/component=${1#projector-}" ;;
    *) echo "app.kubernetes.io/name=$1" ;;
  esac
}
