package io.github.cortado.example.cifar;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C into a request to stop after the step: the process waits with its end until the run
 * is closed, so that everything can be written.
 */
final class Interruption implements AutoCloseable {
    /** What a shell reports for a process that Ctrl-C ended: 128 + SIGINT. */
    static final int EXIT_CODE = 130;

    private static final long PATIENCE_SECONDS = 120;

    private final CountDownLatch written = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stopAndWait, "cortado-interruption");
    private volatile boolean requested;

    Interruption() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void stopAndWait() {
        requested = true;
        try {
            // With a limit, so that a run that hangs can be ended too.
            boolean inTime = written.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!inTime) {
                System.err.println("The run did not end in " + PATIENCE_SECONDS + " s; giving up.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean requested() {
        return requested;
    }

    /** Says that everything is written. */
    @Override
    public void close() {
        written.countDown();
        if (!requested) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // Ctrl-C came at this very moment; the hook has nothing to wait for any more.
            }
        }
    }
}
