package io.github.cortado.oracle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.DType;
import io.github.cortado.Tensor;
import io.github.cortado.vision.Idx;
import io.github.cortado.vision.Mnist;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files in MNIST's format beside what torchvision reads of them. */
class IdxOracleTest {
    private Path directory;
    private Map<String, Tensor> tensors;

    @BeforeEach
    void load() throws IOException, URISyntaxException {
        directory =
                Path.of(IdxOracleTest.class.getResource("/oracle/idx/idx.safetensors").toURI())
                        .getParent();
        tensors = new OracleDirectory(directory).tensors("idx.safetensors");
    }

    @Test
    void everyTypeIsReadAsTorchvisionReadsIt() throws IOException {
        for (String name : new String[] {"ubyte", "byte", "short", "int", "float", "double"}) {
            Tensor expected = tensors.get(name);
            Tensor actual = Idx.read(directory.resolve(name + ".idx"));
            assertEquals(expected.shape(), actual.shape(), name);
            assertEquals(expected.dtype(), actual.dtype(), name);
            if (expected.dtype() == DType.UINT8) {
                assertArrayEquals(expected.toBytes(), actual.toBytes(), name);
            } else if (expected.dtype() == DType.INT32) {
                assertArrayEquals(expected.toInts(), actual.toInts(), name);
            } else {
                assertArrayEquals(expected.toDoubles(), actual.toDoubles(), name);
            }
        }
    }

    @Test
    void mnistIsReadAsTorchvisionReadsItPackedOrNot() throws IOException {
        compare("train", Mnist.train(directory), 5);
        compare("t10k", Mnist.test(directory), 3);
    }

    private void compare(String part, Mnist data, int n) {
        assertEquals(n, data.size());
        int[] labels = tensors.get(part + "-labels").toInts();
        byte[] pixels = tensors.get(part).toBytes();
        int length = pixels.length / n;
        for (int i = 0; i < n; i++) {
            assertEquals(labels[i], data.label(i));
            assertEquals("Image[3, 28, 28]", data.image(i).toString());
            assertArrayEquals(
                    Arrays.copyOfRange(pixels, i * length, (i + 1) * length),
                    data.image(i).toBytes());
        }
    }
}
