package io.github.cortado.autograd;

/** Takes a hook away again; doing so twice changes nothing. */
public final class RemovableHandle implements AutoCloseable {
    private final Runnable removal;

    /** {@code removal} is run by {@link #remove}. */
    public RemovableHandle(Runnable removal) {
        this.removal = removal;
    }

    /** The hook is not called any more. */
    public void remove() {
        removal.run();
    }

    /** As {@link #remove}, at the end of a try statement. */
    @Override
    public void close() {
        remove();
    }
}
