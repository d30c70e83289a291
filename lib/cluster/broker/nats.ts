/**
 * The NATS client. Everything of it that is used goes through this file, which is bundled alone: its packages are
 * CommonJS modules, and bundled with the rest they would make every start load what Node.js has for those.
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
