import { findZone, localDate, setLocalZone } from "../../lib/base/local_time.ts";
import { parsePosixZone } from "../../lib/base/time_zone.ts";
import { parseZoneFile } from "../../lib/base/zone_file.ts";
import { randomOf } from "../random.ts";
import { assert, assertEquals } from "../assert.ts";

/** Reads a file of this machine as `chat` does. */
function readFile(path: string): Uint8Array | undefined {
  try {
    return Deno.statSync(path).isFile ? Deno.readFileSync(path) : undefined;
  } catch {
    return undefined;
  }
}

const HAS_DATE = Deno.build.os === "linux" && readFile("/usr/share/zoneinfo/Europe/Berlin") !== undefined &&
  new TextDecoder().decode(new Deno.Command("date", { args: ["--version"] }).outputSync().stdout)
    .includes("GNU");

/** The ways to write TZ: rules of each form, names and paths of files, and mistakes. */
const ZONES = [
  "JST-9",
  "<+03>-3",
  "UTC-5:30",
  "UTC0",
  "EST+5",
  "XXX3:30:15",
  "XXX-24",
  "XXX-25",
  "<-0330>3:30",
  "CET-1CEST,M3.5.0,M10.5.0/3",
  "EST5EDT",
  "EST5EDT,M3.2.0,M11.1.0",
  "EST5EDT4,M3.2.0/2:00:00,M11.1.0",
  "IST-1GMT0,M10.5.0,M3.5.0/1",
  "NZST-12NZDT,M9.5.0,M4.1.0/3",
  "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
  "EST5EDT,J60/2,J300/2",
  "EST5EDT,59,299",
  "EST5EDT,0/0,J365/25",
  "AAA-3BBB-5,M1.1.1/0,M12.5.6/24",
  "LHST-10:30LHDT-11,M10.1.0,M4.1.0",
  "Asia/Tokyo",
  ":Asia/Tokyo",
  "Europe/Berlin",
  "Asia/Kolkata",
  "Japan",
  "America/St_Johns",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "Pacific/Apia",
  "Etc/GMT+5",
  "posix/Asia/Tokyo",
  "/usr/share/zoneinfo/America/New_York",
  ":/usr/share/zoneinfo/Asia/Kathmandu",
  "",
  ":",
  "foo",
  "JST",
  "A-3",
  "AB-3",
  "<X>-3",
  "Nowhere/At_All",
  "Asia/tokyo",
  "../../../etc/passwd",
  "/etc/passwd",
  "/etc",
  "JST-9x",
  "9",
  "EST5EDT,M3.2.0",
  "EST5EDT,M13.1.0,M1.1.0",
];

Deno.test({
  name: "times are those of the system's date, in each way of writing TZ",
  ignore: !HAS_DATE,
  async fn() {
    const random = randomOf(15);
    const times = Array.from({ length: 400 }, () => 4e7 + random(4e9));
    // glibc has no rule before 1970. Then around the changes of these years, hour by hour.
    for (
      const day of [Date.UTC(2026, 2, 8), Date.UTC(2026, 2, 29), Date.UTC(2026, 9, 25), Date.UTC(2024, 1, 29)]
    ) {
      for (let hour = -14; hour < 26; hour++) times.push(day / 1000 + hour * 3600 + 1799);
    }
    const lines = times.map((time) => `@${time}\n`).join("");
    for (const tz of ZONES) {
      const child = new Deno.Command("date", {
        args: ["-f", "-", "+%Y-%m-%d %H:%M:%S"],
        env: { TZ: tz },
        stdin: "piped",
        stdout: "piped",
      }).spawn();
      const writer = child.stdin.getWriter();
      writer.write(new TextEncoder().encode(lines)).then(() => writer.close());
      const { stdout } = await child.output();
      const zone = findZone({ tz, readFile });
      setLocalZone(zone);
      const ours = times.map((time) => localDate(time).toISOString().slice(0, 19).replace("T", " "));
      setLocalZone(null);
      assertEquals(ours, new TextDecoder().decode(stdout).trimEnd().split("\n"), `TZ=${tz}`);
    }
  },
});

Deno.test("without TZ the time is that of /etc/localtime, whether it is a link or a file", () => {
  const tokyo = new TextEncoder().encode(
    "TZif\0" + "\0".repeat(15) + "\0\0\0\0".repeat(4) + "\0\0\0\x01\0\0\0\x04",
  );
  const file = new Uint8Array([...tokyo, 0, 0, 0x7e, 0x90, 0, 0, ...new TextEncoder().encode("JST\0")]);
  const zone = findZone({ tz: undefined, readFile: (path) => path === "/etc/localtime" ? file : undefined });
  assertEquals(zone?.offsetAt(0), 9 * 3600);
  assertEquals(findZone({ tz: undefined, readFile: () => undefined }), null);
});

Deno.test("without time zone files the runtime decides about names, and rules are parsed", () => {
  const none = () => undefined;
  for (const tz of ["Asia/Tokyo", "foo", "Nowhere/X"]) assertEquals(findZone({ tz, readFile: none }), null);
  assertEquals(findZone({ tz: "<+0545>-5:45", readFile: none })?.offsetAt(0), 5.75 * 3600);
  assertEquals(findZone({ tz: "", readFile: none })?.offsetAt(0), 0);
});

Deno.test("parsePosixZone and parseZoneFile take any text and any bytes", () => {
  const random = randomOf(16);
  const pieces = [
    "JST",
    "<+03>",
    "-9",
    ",M3.5.0",
    ",J366",
    "/",
    ":",
    "999",
    "M0.0.9",
    "\0",
    "CEST",
    ",,",
    "99999999999999",
  ];
  for (let n = 0; n < 20_000; n++) {
    let text = "";
    while (random(5) > 0) text += pieces[random(pieces.length)];
    const offset = parsePosixZone(text)?.offsetAt(random(4e9)) ?? 0;
    assert(Math.abs(offset) <= 26 * 3600, text);
  }
  const file = readFile("/usr/share/zoneinfo/Europe/Berlin") ?? new Uint8Array(100);
  for (let n = 0; n < 20_000; n++) {
    const bytes = file.slice(0, random(2) === 0 ? undefined : random(file.length));
    for (let m = 0; m < 3; m++) {
      bytes[random(Math.min(bytes.length, 200))] = random(256);
    }
    parseZoneFile(bytes)?.offsetAt(random(4e9));
  }
});

Deno.test("a time that no calendar has is invalid in every zone", () => {
  for (const zone of [null, parsePosixZone("JST-9")]) {
    setLocalZone(zone);
    for (const at of [NaN, Infinity, 1e20]) assert(Number.isNaN(localDate(at).getTime()));
  }
  setLocalZone(null);
});
