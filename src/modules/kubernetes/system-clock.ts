import { Injectable } from '@nestjs/common';
import type { Clock } from '../../domain/clock.js';

/** The longest delay Node's timers keep; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The process's real time. */
@Injectable()
export class SystemClock implements Clock {
  now(): Date {
    return new Date();
  }

  monotonicMs(): number {
    return performance.now();
  }

  setTimer(ms: number, fn: () => void): () => void {
    const timer = setTimeout(fn, Math.min(Math.max(ms, 0), MAX_TIMER_MS));
    return () => {
      clearTimeout(timer);
    };
  }
}
