import { invalid } from "../../shared/options.ts";
import { showTime } from "../../shared/time.ts";
import { timeOf } from "../policy/change.ts";

/** 2200-01-01: numbers from here on are milliseconds. */
const YEAR_2200 = 7_258_118_400;

/** Unix seconds of the time at which evidence is judged: a number, or a date in ISO 8601. */
export function judgedAt(name: string, value: string): number {
  if (/^[0-9]{1,15}$/.test(value) && Number(value) >= YEAR_2200) {
    const seconds = Math.floor(Number(value) / 1000);
    return invalid(name, value, `Unix seconds, not milliseconds: ${seconds} is ${showTime(seconds)}`);
  }
  const time = timeOf(name, value);
  // A 30th of February would be read as a day in March.
  const isDay = /^[0-9]+$/.test(value) || showTime(time).startsWith(value);
  if (isDay && time >= 1 && time < YEAR_2200) return time;
  return invalid(name, value, "Unix seconds, or a date from 1970 to 2199 such as 2027-01-31 or 2027-01-31T12:00:00Z");
}
