import { Account, type Holding } from "../../lib/connection/account.ts";
import { Pin } from "../../lib/connection/pin.ts";
import { assert, assertEquals, assertLessOrEqual } from "../assert.ts";
import { ManualClock } from "../clock.ts";
import { randomOf } from "../random.ts";

/** Opens a holding that gives up everything when it is to give way; `gone` collects its name then. */
function open(account: Account, owner: string, gone: string[] = [], name = owner): Holding {
  const holding: Holding = account.open(owner, {
    giveWay() {
      gone.push(name);
      holding.close();
    },
  });
  return holding;
}

Deno.test("Account grants everything up to its limit, and not a byte above it", () => {
  const account = new Account(100, new ManualClock());
  const ann = open(account, "ann");
  assert(ann.charge(99) && ann.charge(0) && ann.charge(1));
  assertEquals([ann.charge(1), account.size], [false, 100]);
  ann.release(1);
  assertEquals([ann.charge(2), ann.charge(1), account.size], [false, true, 100]);
  ann.close();
  assertEquals(account.size, 0);
});

Deno.test("Account makes the owner that holds most give way, its largest holding first", () => {
  const account = new Account(100, new ManualClock());
  const gone: string[] = [];
  const small = open(account, "one", gone, "one: small");
  const large = open(account, "one", gone, "one: large");
  const other = open(account, "two", gone);
  assert(small.charge(25) && large.charge(35) && other.charge(40));
  // The second owner's holding is larger than each of the first one's, but the first owner holds more.
  assert(open(account, "three").charge(20));
  assertEquals([gone, account.size], [["one: large"], 85]);
});

Deno.test("Account refuses the owner that would hold most itself, and lets it make its own holdings give way", () => {
  const account = new Account(100, new ManualClock());
  const gone: string[] = [];
  const first = open(account, "one", gone, "first");
  const second = open(account, "one", gone, "second");
  const other = open(account, "two", gone);
  assert(first.charge(50) && other.charge(40));
  assertEquals([other.charge(60), gone], [false, []]);
  assertEquals([second.charge(60), gone], [false, []]);
  assertEquals([second.charge(30), gone, account.size], [true, ["first"], 70]);
});

Deno.test("Account passes over a holder that does not give way", () => {
  const account = new Account(100, new ManualClock());
  const gone: string[] = [];
  const stubborn = account.open("stubborn", { giveWay: () => gone.push("asked") });
  const other = open(account, "other", gone);
  assert(stubborn.charge(60) && other.charge(40));
  assertEquals([open(account, "third").charge(10), gone], [true, ["asked", "other"]]);
  assertEquals([open(account, "fourth").charge(50), account.size], [false, 70]);
});

Deno.test("waiting charges are granted in order, as soon as enough memory is released", () => {
  const clock = new ManualClock();
  const account = new Account(100, clock);
  const served: string[] = [];
  const holder = account.open("one", { giveWay() {} });
  assertEquals(holder.chargeLater(80, () => {}), null);
  const cancel = holder.chargeLater(30, () => served.push("cancelled"))!;
  holder.chargeLater(40, () => served.push("first"));
  holder.chargeLater(60, () => served.push("second"));
  clock.advance(7);
  assertEquals(account.waitedMs, 7);
  cancel();
  holder.release(31);
  assertEquals(served, []);
  holder.release(2);
  assertEquals([served, account.size], [["first"], 87]);
  holder.release(47);
  assertEquals([served, account.size, account.waitedMs], [["first"], 40, 7]);
  holder.release(13);
  assertEquals([served, account.size, account.waitedMs], [["first", "second"], 87, 0]);
});

Deno.test("a charge that has waited for 250 ms makes those beyond their share give way, if it is within its own", () => {
  const clock = new ManualClock();
  const account = new Account(100, clock);
  const gone: string[] = [];
  const served: string[] = [];
  const big = open(account, "big", gone);
  assertEquals(big.chargeLater(80, () => {}), null);
  open(account, "modest", gone).chargeLater(30, () => served.push("modest"));
  open(account, "greedy", gone).chargeLater(70, () => served.push("greedy"));
  clock.advance(249);
  assertEquals([gone, served], [[], []]);
  clock.advance(1);
  assertEquals([gone, served, account.size], [["big"], ["modest"], 30]);
  clock.advance(10_000);
  assertEquals([gone, served], [["big"], ["modest"]]);
});

Deno.test("a cache gives way first if it is beyond its share, and to every waiting charge", () => {
  const account = new Account(100, new ManualClock());
  const gone: string[] = [];
  const cache: Holding = account.open("cache", {
    isCache: true,
    giveWay() {
      gone.push("cache");
      cache.release(10);
    },
  });
  const ann = open(account, "ann", gone);
  assert(cache.charge(55) && ann.charge(44));
  assertEquals([cache.charge(2), gone], [false, []]);
  assert(open(account, "bob", gone).charge(10));
  assertEquals([gone, cache.size, account.size], [["cache"], 45, 99]);
  assertEquals([ann.chargeLater(20, () => {}), cache.size, account.size], [null, 5, 79]);
  assertEquals(new Set(gone), new Set(["cache"]));
});

Deno.test("a pin is charged once, to one holder after the other, until the last is gone", () => {
  const account = new Account(100, new ManualClock());
  const gone: string[] = [];
  const holders = ["ann", "bob", "carl"].map((owner) => open(account, owner, gone));
  const pin = new Pin(60);
  for (const holder of holders) pin.add(holder);
  for (const [index, holder] of holders.entries()) {
    assertEquals(holders.map(({ size }) => size), holders.map((_, n) => n === index ? 60 : 0));
    pin.remove(holder);
    pin.remove(holder);
  }
  assertEquals([account.size, gone], [0, []]);
});

Deno.test("a holder that has no memory for its pin gives way, and the next one is charged", () => {
  const account = new Account(100, new ManualClock());
  const gone: string[] = [];
  const [ann, bob] = ["ann", "bob"].map((owner) => open(account, owner, gone)) as [Holding, Holding];
  assert(ann.charge(50));
  const pin = new Pin(60);
  pin.add(ann);
  assertEquals(gone, ["ann"]);
  pin.add(bob);
  assertEquals([ann.size, bob.size, account.size], [0, 60, 60]);
});

Deno.test("after any charges, releases, pins and evictions the sum is right and within the limit", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomOf(seed);
    const limit = 1 + random(10_000);
    const account = new Account(limit, new ManualClock());
    const holdings: Holding[] = [];
    const cancels: (() => void)[] = [];
    for (let step = 0; step < 5000; step++) {
      const holding = holdings[random(holdings.length || 1)];
      const bytes = random([10, 1000, 2 * limit][random(3)]!);
      const ownersBefore = new Set(holdings.filter(({ size }) => size > 0).map(({ owner }) => owner));
      switch (holding === undefined ? 0 : random(9)) {
        case 0:
          if (holdings.length < 40) holdings.push(open(account, `owner ${random(8)}`));
          break;
        case 1:
        case 2:
        case 3: {
          const isGranted = holding!.charge(bytes);
          if (isGranted) assert(holding!.size >= bytes, `seed ${seed}, step ${step}`);
          // An owner within its share is never refused.
          const own = holdings.filter(({ owner }) => owner === holding!.owner).reduce(
            (sum, { size }) => sum + size,
            0,
          );
          const share = limit / (ownersBefore.size + 1);
          if (!isGranted) assert(own + bytes > share, `seed ${seed}, step ${step}`);
          break;
        }
        case 4:
          holding!.tryCharge(bytes);
          break;
        case 5:
          holding!.release(Math.min(bytes, holding!.size));
          break;
        case 6: {
          const cancel = holding!.chargeLater(Math.min(bytes, limit), () => {});
          if (cancel !== null) cancels.push(cancel);
          break;
        }
        case 7:
          holding!.close();
          cancels.splice(0).forEach((cancel) => cancel());
          break;
        case 8: {
          // What a pin charges is no holding's to release: only whole pins come and go.
          const pin = new Pin(Math.min(bytes, limit));
          for (const holder of holdings.slice(0, 3)) pin.add(holder);
          for (const holder of holdings.slice(0, 3)) pin.remove(holder);
          break;
        }
      }
      assertLessOrEqual(account.size, limit);
      assertEquals(account.size, holdings.reduce((sum, { size }) => sum + size, 0));
      assert(holdings.every(({ size }) => size >= 0));
    }
  }
});
