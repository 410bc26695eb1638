package io.github.cortado.backend;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a training step changes on the host, noted on the calling thread while a device records the
 * step's operations: which counts it moves and which buffers it writes in place. {@link #repeat}
 * does the same once more, for a run of the step in which no Java code runs.
 */
public final class StepRecording implements AutoCloseable {
    private static final ThreadLocal<@Nullable StepRecording> CURRENT = new ThreadLocal<>();

    private final Map<StepNumber.Count, Long> moves = new LinkedHashMap<>();
    private final List<Buffer> writes = new ArrayList<>();

    private StepRecording() {}

    /**
     * Begins; ended by {@link #close}.
     *
     * @throws IllegalStateException if this thread is recording a step already
     */
    public static StepRecording begin() {
        if (CURRENT.get() != null) {
            throw new IllegalStateException("a step is being recorded on this thread already");
        }
        StepRecording recording = new StepRecording();
        CURRENT.set(recording);
        return recording;
    }

    /** The recording of the calling thread, if there is one. */
    public static @Nullable StepRecording current() {
        return CURRENT.get();
    }

    void moved(StepNumber.Count count, long n) {
        moves.merge(count, n, Long::sum);
    }

    void written(Buffer buffer) {
        writes.add(buffer);
    }

    /** How far a reading of a count, or of what follows one, lies behind the step's beginning. */
    public long offset(StepValue value) {
        StepNumber source = value.source();
        if (source == null) {
            return 0;
        }
        StepNumber root = source.root();
        return value.count() - (root.count() - perStep(root));
    }

    /** How far a number, or the count that it follows, has moved since the beginning. */
    public long perStep(StepNumber number) {
        return moves.getOrDefault(number.root(), 0L);
    }

    /** Runs {@code launch}, noting every write, and moves every count as the recorded step did. */
    public void repeat(Runnable launch) {
        Buffer.overwriting(writes, launch);
        moves.forEach((count, n) -> count.set(count.get() + n));
    }

    /** Takes the moves of counts back, for a recording that came to nothing. */
    public void undo() {
        moves.forEach((count, n) -> count.set(count.get() - n));
    }

    /** Ends the recording; what was noted stays. */
    @Override
    public void close() {
        if (CURRENT.get() == this) {
            CURRENT.remove();
        }
    }
}
