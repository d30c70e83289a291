/** A worker that keeps the search index of a history, and searches it, while the event loop serves peers. */

import { reason } from "../../driver.ts";
import type { Query } from "../../search/query.ts";
import { type Batch, isDamage, type Progress, type Range, SearchTables, type Source } from "./tables.ts";

/** A job. The jobs are done in order. */
export type SearchJob =
  | { readonly kind: "open"; readonly path: string; readonly source: Source }
  | { readonly kind: "add"; readonly batch: Batch }
  | { readonly kind: "drop"; readonly roomKey: number; readonly last: number }
  | { readonly kind: "find"; readonly number: number; readonly query: Query; readonly range: Range }
  | { readonly kind: "close" };

/** The answer to a job. A job to drop has none. */
export type SearchAnswer =
  | { readonly kind: "opened"; readonly progress: readonly Progress[] }
  | { readonly kind: "added"; readonly size: number }
  /** The ids are null if it took too long. */
  | {
    readonly kind: "found";
    readonly number: number;
    readonly ids: readonly number[] | null;
    readonly ms: number;
  }
  | { readonly kind: "closed" }
  /** The index cannot be used any more. */
  | { readonly kind: "failed"; readonly text: string };

/** The part of a worker's global scope that is used here. */
interface Scope {
  onmessage: ((event: MessageEvent<SearchJob>) => void) | null;
  postMessage(answer: SearchAnswer): void;
}

const scope = globalThis as unknown as Scope;
let tables: SearchTables | null = null;
let path = "";

scope.onmessage = ({ data }) => {
  try {
    const answer = answerTo(data);
    if (answer !== null) scope.postMessage(answer);
  } catch (error) {
    if (isDamage(error)) remove();
    scope.postMessage({ kind: "failed", text: reason(error) });
  }
};

/** Removes a damaged index. The history starts another worker, which rebuilds it. */
function remove(): void {
  tables?.close();
  tables = null;
  SearchTables.remove(path);
}

function answerTo(job: SearchJob): SearchAnswer | null {
  switch (job.kind) {
    case "open":
      path = job.path;
      tables = SearchTables.open(path, job.source);
      return { kind: "opened", progress: tables.progress() };
    case "add":
      tables!.add(job.batch);
      return { kind: "added", size: job.batch.frames.length };
    case "drop":
      tables!.drop(job.roomKey, job.last);
      return null;
    case "find": {
      const began = performance.now();
      const ids = tables!.find(job.query, job.range);
      return { kind: "found", number: job.number, ids, ms: performance.now() - began };
    }
    case "close":
      tables?.close();
      tables = null;
      return { kind: "closed" };
  }
}
