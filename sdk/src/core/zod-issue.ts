import type { z } from "zod";

/** First complaint of a schema in one bounded line: where, and what is wrong. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  const text = issue === undefined ? "not valid" : `${issue.path.join(".") || "the whole"}: ${issue.message}`;
  return text.length <= 200 ? text : `${text.slice(0, 196)}...`;
}
