package io.github.cortado.cuda;

import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.PictureBackend;
import io.github.cortado.backend.PictureSource;
import io.github.cortado.backend.PictureSpec;
import io.github.cortado.backend.PictureStep;
import io.github.cortado.backend.StepValue;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;

/** Batches made on the GPU: see {@code pictures.cu}. */
interface CudaPictures extends CudaMemory, PictureBackend {
    /** Transforms in a chain, and numbers that each has; as in {@code pictures.cu}. */
    int MAX_STEPS = 8;

    int PARAMETERS = 12;

    /** Shared memory that a kernel may use without asking. */
    int DYNAMIC_SHARED = 40 << 10;

    @Override
    default Optional<String> obstacle(PictureSpec spec) {
        if (spec.steps().size() > MAX_STEPS) {
            return Optional.of(
                    spec.steps().size() + " transforms in a row, of at most " + MAX_STEPS);
        }
        if (2 * shift(spec) > DYNAMIC_SHARED) {
            return Optional.of(
                    String.format(
                            Locale.ROOT,
                            "a picture of [3, %d, %d] is too large for a block's shared memory",
                            spec.height(),
                            spec.width()));
        }
        return Optional.empty();
    }

    /** Bytes of a picture, so that the next one is aligned. */
    private static int shift(PictureSpec spec) {
        return (3 * spec.height() * spec.width() + 15) & ~15;
    }

    @Override
    default void pictures(
            PictureSource source,
            StepValue position,
            StepValue epoch,
            Buffer images,
            Buffer targets,
            PictureSpec spec) {
        Launch launch =
                gpu().launch(Kernel.PICTURES)
                        .grid(targets.length())
                        .shared(2 * shift(spec))
                        .pointer(source.pixels())
                        .pointer(source.labels())
                        .pointer(source.order())
                        .pointer(source.values())
                        .pointer(images)
                        .pointer(targets);
        ByteBuffer struct = launch.struct();
        struct.putInt(targets.length())
                .putInt(spec.size())
                .putInt(spec.height())
                .putInt(spec.width())
                .putInt(spec.steps().size())
                .putInt(shift(spec))
                .putLong(spec.seed());
        for (int i = 0; i < MAX_STEPS; i++) {
            put(struct, i < spec.steps().size() ? spec.steps().get(i) : PictureStep.none(0));
        }
        launch.step(position).step(epoch).run();
    }

    private static void put(ByteBuffer struct, PictureStep step) {
        struct.putInt(
                switch (step.kind()) {
                    case NONE -> 0;
                    case FLIP -> 1;
                    case ROTATE -> 2;
                    case AFFINE -> 3;
                    case JITTER -> 4;
                });
        struct.putInt(step.ordinal());
        for (int i = 0; i < PARAMETERS; i++) {
            struct.putLong(i < step.limits().length ? step.limits()[i] : 0);
        }
    }
}
