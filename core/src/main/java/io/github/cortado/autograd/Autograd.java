package io.github.cortado.autograd;

/** Switches the recording of gradients off and on, for the calling thread. */
public final class Autograd {
    private static final ThreadLocal<int[]> PAUSED = ThreadLocal.withInitial(() -> new int[1]);

    private Autograd() {}

    /** Ends what {@link #noGrad} began. */
    public interface Pause extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Operations record no gradients until the result is closed:
     *
     * <pre>{@code
     * try (var pause = Autograd.noGrad()) {
     *     logits = model.forward(images);
     * }
     * }</pre>
     */
    public static Pause noGrad() {
        int[] depth = PAUSED.get();
        depth[0]++;
        return new Pause() {
            private boolean open = true;

            @Override
            public void close() {
                if (open) {
                    open = false;
                    depth[0]--;
                }
            }
        };
    }

    /**
     * Leaves the results of this thread's last backward pass to the garbage collector, where a
     * device would have released them at the next one: a device that replays the pass needs them.
     */
    public static void keepOutputs() {
        Outputs.ofThisThread().forget();
    }

    /** Whether operations on the calling thread record gradients. */
    public static boolean isRecording() {
        return PAUSED.get()[0] == 0;
    }
}
