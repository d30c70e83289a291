/** The layers of settings: command line over environment over configuration file. */

import { parseIp } from "../base/ip.ts";
import { normalizeName } from "../base/text.ts";
import type { Config, Setting, Settings } from "./config.ts";
import { excludes } from "./given.ts";

/** The layers below the command line. */
export interface Layers {
  readonly config?: Config | null;
  /** The path at which the file was looked for, if none was named. */
  readonly configAt?: string | undefined;
  /** Returns an environment variable. */
  readonly env?: (name: string) => string | undefined;
  /** Whether a person sits at the connector's screen, so that their user name can be the nick. */
  readonly atScreen?: boolean;
}

/** The variables that hold a person's name on this machine, the first that is set. */
const USER_VARIABLES = ["USER", "LOGNAME", "USERNAME"] as const;

/** Options that make the connector write lines instead of opening the screen. */
const ELSEWHERE = ["json", "send", "receive", "last", "stats"] as const;

/**
 * Merges the layers.
 *
 * A setting of a lower layer that conflicts with a typed option is ignored. For `--connect NAME` with a section
 * `[host.NAME]`, the settings of that section override those of `[connect]`.
 */
export function layered(typed: ReadonlyMap<string, readonly string[]>, layers: Layers): Settings {
  const { config, env = () => undefined, atScreen = false } = layers;
  const settings = new Map<string, Setting>();
  for (const [name, values] of typed) settings.set(name, { values, explicit: true });
  const add = (more: Settings, { skip = "", explicit = false } = {}) => {
    for (const [name, setting] of more) {
      if (settings.has(name) || name === skip || excludes(name, typed.keys())) continue;
      settings.set(name, { ...setting, explicit });
    }
  };
  if (typed.has("serve")) {
    if (config) add(config.serve);
    return settings;
  }
  const [target] = typed.get("connect") ?? [];
  if (target === undefined) return settings;
  const host = config?.hosts.get(target);
  if (host !== undefined) {
    settings.set("connect", addressOf(target, host));
    add(host, { skip: "host", explicit: true });
  }
  const nick = env("CHAT_NICK");
  if (nick) add(new Map([["nick", { values: [nick], source: "CHAT_NICK" }]]));
  // A port in each typed address counts as typed.
  const hasPort = host === undefined &&
    target.split(",").every((address) => /:\d+$/.test(address) && parseIp(address) === null);
  if (config) add(config.connect, hasPort ? { skip: "port" } : {});
  if (atScreen && !ELSEWHERE.some((name) => typed.has(name))) add(userName(env));
  return settings;
}

/** Returns the addresses of a host of the configuration file, as `--connect` takes them. */
function addressOf(name: string, host: Settings): Setting {
  const setting = host.get("host") ?? { values: [name] };
  const bracketed = (address: string) => address.includes(":") && parseIp(address) ? `[${address}]` : address;
  return {
    ...setting,
    values: setting.values.map((value) =>
      value.split(",").map((address) => bracketed(address.trim())).join(",")
    ),
  };
}

/** Returns the user name on this machine as a nick, if it is a valid nick. */
function userName(env: (name: string) => string | undefined): Settings {
  for (const variable of USER_VARIABLES) {
    const name = env(variable);
    if (!name) continue;
    return normalizeName(name) === null
      ? new Map()
      : new Map([["nick", { values: [name], source: variable }]]);
  }
  return new Map();
}
