package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The kernels that measure limits compile for every GPU, and do as much as is counted. */
class LimitsTest {
    @Test
    void theyCompileForTheGpusThatHaveWhatTheyMeasure() {
        assumeTrue(
                System.getProperty("os.name").startsWith("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "SKIPPED: JCuda's PTX compiler is for Linux on x86-64");
        for (int capability : new int[] {75, 80, 90}) {
            Assembler.assemble(LimitsPtx.plain(), capability, "limits for sm_" + capability);
        }
        for (int capability : new int[] {80, 90}) {
            Assembler.assemble(LimitsPtx.tensorCores(), capability, "tensor cores " + capability);
        }
    }

    @Test
    void aTurnHasTheOperationsThatAreCounted() {
        assertEquals(LimitsPtx.FLOPS, 2.0 * count(LimitsPtx.plain(), "fma.rn.f32"));
        // 16 x 8 results, each the sum of eight products.
        assertEquals(
                LimitsPtx.TENSOR_FLOPS,
                2.0 * 16 * 8 * 8 * count(LimitsPtx.tensorCores(), "mma.sync"));
    }

    private static long count(String ptx, String instruction) {
        return Pattern.compile(Pattern.quote(instruction)).matcher(ptx).results().count();
    }
}
