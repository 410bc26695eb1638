package io.github.cortado.cuda;

import io.github.cortado.DType;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.CrossEntropySpec.Reduction;
import org.jspecify.annotations.Nullable;

/** Losses: see {@code loss.cu}. */
interface CudaLosses extends CudaMemory {
    /** Blocks that may meet over one loss; as in {@code loss.cu}. */
    int MAX_MEETING = 1024;

    /** Targets up to which every block counts them for itself. */
    int MAX_COUNTED = 8192;

    /** Memory that the blocks of a loss meet in, beginning with a zero. */
    CudaBuffer meeting();

    @Override
    default void crossEntropy(
            Buffer logits,
            Buffer target,
            Buffer y,
            @Nullable Buffer dx,
            @Nullable Buffer totals,
            CrossEntropySpec s) {
        long lines = (long) s.n() * s.inner();
        boolean isMany = lines > MAX_COUNTED && s.reduction() == Reduction.MEAN;
        Buffer counted = dx != null && isMany ? counted(target, s) : null;
        long blocks = (CudaReductions.threads(lines, s.inner()) + Launch.BLOCK - 1) / Launch.BLOCK;
        Launch launch =
                gpu().launch(Kernel.CROSS_ENTROPY)
                        .grid(gpu().blocks(Math.min(blocks, MAX_MEETING)))
                        .pointer(logits)
                        .pointer(target)
                        .pointer(y)
                        .pointer(dx)
                        .pointer(totals)
                        .pointer(counted);
        put(launch, s);
        launch.pointer(meeting()).pointer(gpu().errors().onDevice()).run();
        if (counted != null) {
            counted.release("it held the number of targets");
        }
    }

    private Buffer counted(Buffer target, CrossEntropySpec s) {
        Buffer counted = empty(DType.FLOAT32, 1);
        Launch count = gpu().launch(Kernel.COUNT_TARGETS).pointer(target).pointer(counted);
        put(count, s);
        count.run();
        return counted;
    }

    private static void put(Launch launch, CrossEntropySpec s) {
        launch.struct()
                .putInt(s.n())
                .putInt(s.classes())
                .putInt(s.inner())
                .putInt(
                        switch (s.reduction()) {
                            case NONE -> 0;
                            case MEAN -> 1;
                            case SUM -> 2;
                        })
                .putLong(s.ignoreIndex())
                .putFloat((float) s.labelSmoothing())
                .putInt(0);
    }
}
