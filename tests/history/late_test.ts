import { testContract } from "./contract.ts";
import { LateHistory } from "./late_history.ts";

testContract({
  name: "a history that reports outcomes late keeps the contract",
  open: () => ({ history: new LateHistory({ stamps: false }), end() {} }),
  settle: (history) => (history as LateHistory).deliver(),
});
