/** Streams and buckets of a chat on its broker: created if they are missing, refused if another program made them. */

import { BrokerError, isMissing } from "./failures.ts";
import {
  type JetStreamClient,
  type JetStreamManager,
  type KV,
  Kvm,
  type StreamConfig,
  type StreamInfo,
} from "./nats.ts";

/** The configuration of a new stream; `name` and `subjects` are required. */
export type StreamPlan = Partial<StreamConfig> & Pick<StreamConfig, "name" | "subjects">;

/** The parts of a configuration that this program relies on, and that a server cannot change later. */
const FIXED = ["subjects", "retention", "storage", "max_age", "republish", "max_msgs_per_subject"] as const;

/**
 * Opens a stream, and creates it if there is none. Two listeners may do so at once. An existing stream is changed to
 * `num_replicas` replicas if that is given. Without it a new stream has one replica, and an existing one keeps its
 * number.
 * @throws {BrokerError} If a stream of that name was not created with this plan, or if the broker is a single server
 *   and more than one replica is requested.
 */
export async function openStream(manager: JetStreamManager, plan: StreamPlan): Promise<StreamInfo> {
  const found = await findStream(manager, plan.name) ?? await makeStream(manager, plan);
  const differs = FIXED.find((key) => key in plan && !isEqual(found.config[key], plan[key]));
  if (differs !== undefined) {
    throw new BrokerError(
      `The stream ${plan.name} on the broker is not one of chat: its ${differs} differs; give --history another NAME`,
    );
  }
  const { num_replicas } = plan;
  if (num_replicas === undefined || found.config.num_replicas === num_replicas) return found;
  // A single server accepts the number without effect.
  if (found.cluster?.name === undefined) {
    throw new BrokerError(
      `Cannot keep ${num_replicas} replicas: the broker is one server; leave --replicas out`,
    );
  }
  return await manager.streams.update(plan.name, { num_replicas });
}

/** Returns a stream as it is on the broker; undefined if there is none of that name. */
export async function findStream(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function makeStream(manager: JetStreamManager, plan: StreamPlan): Promise<StreamInfo> {
  try {
    return await manager.streams.add(plan);
  } catch (error) {
    // Another listener may have created it just now. Its plan decides then.
    const made = await findStream(manager, plan.name);
    if (made !== undefined) return made;
    throw error;
  }
}

/** The configuration of a new bucket. */
export interface BucketPlan {
  /** ASCII letters, digits, `-` and `_`. */
  readonly name: string;
  readonly storage: "memory" | "file";
  readonly replicas?: number | undefined;
  /** The time after which a value is dropped unless it was written again, in milliseconds; never if not given. */
  readonly maxAge?: number | undefined;
}

/**
 * Opens a bucket of keys and values, and creates it if there is none. Reads go to the leader, so they see every write
 * that has succeeded.
 * @throws {BrokerError} If a bucket of that name was not created with this plan.
 */
export async function openBucket(
  { manager, jetstream }: { manager: JetStreamManager; jetstream: JetStreamClient },
  { name, storage, replicas, maxAge = 0 }: BucketPlan,
): Promise<KV> {
  await openStream(manager, {
    name: `KV_${name}`,
    subjects: [`$KV.${name}.>`],
    storage,
    max_msgs_per_subject: 1,
    ...(replicas === undefined ? {} : { num_replicas: replicas }),
    allow_rollup_hdrs: true,
    deny_delete: true,
    allow_direct: false,
    discard: "new",
    duplicate_window: 2 * 60 * 1_000_000_000,
    max_age: maxAge * 1_000_000,
  });
  return await new Kvm(jetstream).open(name);
}

/** Compares two values of a configuration. The server leaves out defaults. */
function isEqual(found: unknown, planned: unknown): boolean {
  return textOf(found) === textOf(planned);
}

function textOf(value: unknown): string {
  if (value === undefined || value === null || value === 0 || value === false) return "";
  if (typeof value !== "object") return String(value);
  const entries = Object.entries(value).filter(([, inner]) => textOf(inner) !== "");
  return entries.map(([key, inner]) => `${key}=${textOf(inner)}`).sort().join();
}
