import { Health } from "../../lib/listener/health.ts";
import { metricsText, monitoring } from "../../lib/listener/monitoring.ts";
import type { LogEvent } from "../../lib/log/log.ts";
import { HubListening } from "../integration/hub_listening.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";

const HAS_PROMTOOL = await new Deno.Command("promtool", {
  args: ["--version"],
  stdout: "null",
  stderr: "null",
})
  .output().then(({ success }) => success, () => false);

Deno.test("health names a failure until it is over, and the end of the listener", () => {
  const passed: LogEvent[] = [];
  const health = new Health();
  const log = health.watch((event) => passed.push(event));
  assertEquals(health.trouble, null);
  log({ event: "failing", what: "history", text: "the disk is full" });
  assertEquals(health.trouble, "the disk is full");
  log({ event: "working", what: "history" });
  assertEquals(health.trouble, null);
  log({ event: "ending" });
  assertEquals(health.trouble, "the listener is ending");
  assertEquals(passed.length, 3);
});

Deno.test("/healthz is 200 with figures, or 503 with the reason; monitoring answers this machine and one address alone", async () => {
  await using listening = new HubListening();
  let trouble: string | null = null;
  const health = {
    get trouble() {
      return trouble;
    },
  };
  const answer = monitoring({
    figures: () => listening.hub.figures(),
    loopDelays: () => listening.hub.loopDelays,
    health,
    from: "192.0.2.7",
  });
  assertEquals(answer("/healthz", "127.0.0.1")?.status, 200);
  trouble = "the disk is full";
  const failing = answer("/healthz", "::ffff:192.0.2.7")!;
  assertEquals([failing.status, JSON.parse(String(failing.body)).why], [503, trouble]);
  for (const path of ["/healthz", "/metrics"]) assertEquals(answer(path, "192.0.2.8")?.status, 403);
  assertEquals(answer("/", "127.0.0.1"), null);
});

Deno.test({
  name: "[promtool] promtool accepts /metrics, and a counter in it counts",
  ignore: !HAS_PROMTOOL,
  async fn() {
    await using listening = new HubListening();
    using ann = await listening.enter("ann");
    ann.send({ type: "message", body: "hi", ref: 1 });
    await ann.until("ack");
    const text = metricsText(listening.hub.figures(), listening.hub.loopDelays);
    assertMatch(text, /^chat_messages_total 1$/m);
    assertMatch(text, /^chat_event_loop_delay_seconds_bucket\{le="\+Inf"\} \d+$/m);
    const child = new Deno.Command("promtool", {
      args: ["check", "metrics"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    })
      .spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
    const { success, stdout, stderr } = await child.output();
    assert(success, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
  },
});
