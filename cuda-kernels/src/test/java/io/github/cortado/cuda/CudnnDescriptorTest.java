package io.github.cortado.cuda;

import static jcuda.jcudnn.cudnnActivationMode.CUDNN_ACTIVATION_RELU;
import static jcuda.jcudnn.cudnnMathType.CUDNN_FMA_MATH;
import static jcuda.jcudnn.cudnnNanPropagation.CUDNN_PROPAGATE_NAN;
import static jcuda.jcudnn.cudnnPoolingMode.CUDNN_POOLING_MAX_DETERMINISTIC;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Pool2dSpec;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnPoolingDescriptor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Descriptors as cuDNN itself understands them, wherever a libcudnn.so.9 is found: the real one
 * needs no GPU for it, and the emulated one is held to the same.
 */
@Tag("cudnn")
class CudnnDescriptorTest {
    private static final Conv2dSpec[] CONVOLUTIONS = {
        new Conv2dSpec(100, 3, 32, 32, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1),
        new Conv2dSpec(1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1),
        new Conv2dSpec(2, 3, 11, 7, 6, 3, 5, 1, 1, 1, 2, 1, 1, 1),
        new Conv2dSpec(2, 3, 13, 19, 6, 3, 2, 1, 3, 2, 1, 1, 1, 1),
        new Conv2dSpec(2, 4, 13, 12, 6, 3, 3, 2, 3, 2, 4, 3, 2, 1),
        new Conv2dSpec(2, 6, 9, 9, 10, 3, 3, 1, 1, 1, 1, 1, 1, 2),
        new Conv2dSpec(2, 12, 9, 9, 12, 3, 3, 2, 2, 1, 1, 1, 1, 12),
        new Conv2dSpec(1, 3, 33, 33, 7, 7, 7, 2, 2, 3, 3, 1, 1, 1),
    };
    private static final Pool2dSpec[] POOLINGS = {
        new Pool2dSpec(100, 16, 32, 32, 2, 2, 2, 2, 0, 0, true),
        new Pool2dSpec(1, 2, 7, 33, 2, 2, 2, 2, 0, 0, true),
        new Pool2dSpec(2, 3, 7, 17, 3, 2, 1, 3, 1, 0, true),
        new Pool2dSpec(1, 2, 5, 5, 5, 5, 5, 5, 2, 2, false),
        new Pool2dSpec(1, 1, 5, 5, 2, 2, 3, 3, 0, 0, true),
    };

    @BeforeAll
    static void loadIt() {
        Emulation.driver();
        NativeLibraries natives = new NativeLibraries();
        assumeTrue(
                natives.find("libcudnn.so.9").isPresent(),
                "SKIPPED: there is no libcudnn.so.9; -Dcortado.cuda.libraries=DIR names one");
        Libraries.load(natives, Library.CUDNN);
    }

    @Test
    void itIsOfTheNinthVersion() {
        assertEquals(9, Cudnn.version() / 10_000);
    }

    @Test
    void convolutionsComeBackAsTheyWereDescribed() {
        for (Conv2dSpec s : CONVOLUTIONS) {
            try (Descriptors all = new Descriptors()) {
                cudnnConvolutionDescriptor c = all.convolution(s, CUDNN_FMA_MATH);
                assertArrayEquals(
                        new int[] {s.n(), s.outChannels(), s.outH(), s.outW()},
                        Descriptors.outputOf(
                                c, all.tensor(s.n(), s.inChannels(), s.h(), s.w()), all.filter(s)),
                        s.toString());
            }
        }
    }

    @Test
    void poolingsHaveOurSizes() {
        for (Pool2dSpec s : POOLINGS) {
            try (Descriptors all = new Descriptors()) {
                cudnnPoolingDescriptor p = all.pooling(s, CUDNN_POOLING_MAX_DETERMINISTIC);
                assertArrayEquals(
                        new int[] {s.n(), s.channels(), s.outH(), s.outW()},
                        Descriptors.outputOf(p, all.tensor(s.n(), s.channels(), s.h(), s.w())),
                        s.toString());
            }
        }
    }

    @Test
    void theRestCanBeMadeAndDestroyed() {
        Descriptors all = new Descriptors();
        all.activation(CUDNN_ACTIVATION_RELU, CUDNN_PROPAGATE_NAN);
        all.dropout();
        all.tensor(1, 1, 1, Integer.MAX_VALUE);
        all.close();
    }

    @Test
    void whatIsWrongIsSaidInTheLibrarysWords() {
        try (Descriptors all = new Descriptors()) {
            var e = assertThrows(CudaException.class, () -> all.tensor(-1, 1, 1, 1));
            assertEquals(2, e.status() / 1000, e.getMessage());
            assertEquals(
                    "describing a tensor: " + JCudnn.cudnnGetErrorString(e.status()),
                    e.getMessage());
            assertTrue(!e.getMessage().contains("INVALID cudnnStatus"), e.getMessage());
        }
    }
}
