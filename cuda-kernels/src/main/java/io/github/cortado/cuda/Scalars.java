package io.github.cortado.cuda;

/**
 * The two factors that every call of a library wants: result = one (what it computes) + zero (what
 * was there before). They are read on the host, during the call.
 */
final class Scalars implements AutoCloseable {
    private final HostMemory memory = new HostMemory(2 * Float.BYTES);

    /** Points to 1. */
    final Raw one = new Raw(memory.address());

    /** Points to 0; what it is a factor of is not read. */
    final Raw zero = new Raw(memory.address() + Float.BYTES);

    Scalars() {
        memory.bytes().putFloat(0, 1).putFloat(Float.BYTES, 0);
    }

    @Override
    public void close() {
        memory.close();
    }
}
