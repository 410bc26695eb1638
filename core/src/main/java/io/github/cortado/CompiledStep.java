package io.github.cortado;

/**
 * A training step that a device may run as a whole, without the Java code that describes it: on a
 * GPU one launch of a recorded graph, on the CPU the code itself in memory that is used again. Made
 * by {@link Device#compile}.
 *
 * <pre>{@code
 * try (CompiledStep<Tensor> step = device.compile(() -> {
 *     Batch batch = batches.next();
 *     Tensor loss = crossEntropy(model.forward(batch.images()), batch.labels());
 *     optimizer.zeroGrad();
 *     loss.backward();
 *     optimizer.step();
 *     return loss;
 * })) {
 *     for (int i = 0; i < batches.count(); i++) {
 *         step.run();
 *     }
 * }
 * }</pre>
 *
 * <p>Every run is one step, whether it is run as it is written, as the first ones are, recorded, or
 * replayed. What differs between steps must be read on the device: parameters, optimizer state,
 * learning rate, dropout's and the loader's positions are; other Java values are frozen when the
 * step is recorded, and so are shapes: on a GPU those of the recorded run, on the CPU the first
 * eight that a step gets, after which others run as by {@link #runEagerly}, and the log says so
 * once. What a run returns is there until the next run; {@link Tensor#copy} makes one that lasts.
 *
 * @param <T> what the step returns, such as its loss
 */
public interface CompiledStep<T> extends AutoCloseable {
    /**
     * Does one step.
     *
     * @return what the step returned when it was recorded, with the present values
     * @throws IllegalStateException naming the line, where the step reads a value on the host,
     *     which cannot be recorded
     */
    T run();

    /** Does one step by running the code, as for a last batch of another size. */
    T runEagerly();

    /** How it runs, in one line. */
    String description();

    /** Gives the memory of the recorded step back; results must not be used after this. */
    @Override
    void close();
}
