/**
 * The NATS client. All imports of it go through this file, which is bundled separately: its packages are CommonJS
 * modules, which would make every start load Node.js' support for those if they were bundled with the rest.
 */

export {
  credsAuthenticator,
  headers,
  NatsConnectionImpl,
  setTransportFactory,
} from "@nats-io/nats-core/internal";
export {
  createInbox,
  errors,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type Subscription,
} from "@nats-io/nats-core";
export {
  jetstream,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstreamManager,
  type PubAck,
  type StoredMsg,
  type StreamConfig,
  type StreamInfo,
} from "@nats-io/jetstream";
export { type KV, type KvEntry, Kvm, type KvWatchEntry } from "@nats-io/kv";
