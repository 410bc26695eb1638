package io.github.cortado.vision;

import java.time.Duration;

/**
 * How long a download waits for what.
 *
 * @param silence from a server that sends nothing, or not all of its headers
 * @param total for all of a download, with all attempts
 * @param attempts in a row that bring nothing new, after which it is given up
 * @param firstWait between an attempt and the next; each one that brings nothing doubles it
 */
record Patience(Duration silence, Duration total, int attempts, Duration firstWait) {
    /** For a connection to be made. */
    static final Duration CONNECT = Duration.ofSeconds(10);

    /** For data sets: waits of 0.25 to 16 s outlast an outage of half a minute. */
    static final Patience LONG =
            new Patience(Duration.ofSeconds(60), Duration.ofHours(6), 8, Duration.ofMillis(250));

    /** For what somebody sits and waits for. */
    static final Patience SHORT =
            new Patience(Duration.ofSeconds(20), Duration.ofMinutes(2), 1, Duration.ZERO);

    /** The time of one download, which begins now. */
    Clock start() {
        return new Clock(this, System.nanoTime());
    }

    /** A download's time, as it goes by. */
    record Clock(Patience patience, long begun) {
        /** How long the server may be silent from now on. */
        long nanosOfSilence() {
            return Math.max(0, Math.min(patience.silence.toNanos(), nanosLeft()));
        }

        private long nanosLeft() {
            return patience.total.toNanos() - (System.nanoTime() - begun);
        }

        boolean isOver() {
            return nanosLeft() <= 0;
        }

        /** Which of the limits it was, for a message. */
        String limitReached() {
            return isOver()
                    ? " within the " + seconds(patience.total) + " s of the download"
                    : " in " + seconds(patience.silence) + " s";
        }

        private static String seconds(Duration duration) {
            return Double.toString(duration.toMillis() / 1000.0).replaceFirst("\\.0$", "");
        }

        /** Waits before another attempt, the longer the more have been in vain. */
        void pause(int inVain) throws InterruptedException {
            long nanos = patience.firstWait.toNanos() << Math.min(inVain, 20);
            Thread.sleep(Math.max(0, Math.min(nanos, nanosLeft())) / 1_000_000);
        }
    }
}
