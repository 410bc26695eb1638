package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Pool2dSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How the table of choices is read, and what stands in the committed one. */
class ChoiceTableTest {
    private static final Product PRODUCT = new Product(8, 16, 32, false, true, 1, 0, 0);
    private static final Product BATCH = new Product(8, 16, 32, false, true, 2, 5, 0);

    private static Task product(Product p, boolean tf32) {
        return new Task(Op.MATMUL, p, false, false, tf32);
    }

    private static Conv2dSpec conv(int kernel, int padding, int groups) {
        return new Conv2dSpec(
                2, 4, 10, 10, 8, kernel, kernel, 1, 1, padding, padding, 1, 1, groups);
    }

    @Test
    void theFirstLineThatFitsDecidesAndWithoutOneWeDo() {
        ChoiceTable table =
                new ChoiceTable(
                        """
                        # op kind work math capability choice
                        matmul batched *    *    *      own      # comment
                        matmul *       4096 tf32 >=80   cublas
                        matmul single  *    fp32 75..80 cublas

                        conv2d 3x3     <10  *    *      cudnn
                        conv2d 1x1     >=10 *    *      cudnn
                        """);
        assertEquals(Library.OWN, table.choice(product(BATCH, true), 80));
        assertEquals(Library.CUBLAS, table.choice(product(PRODUCT, true), 90));
        assertEquals(Library.OWN, table.choice(product(PRODUCT, true), 75));
        assertEquals(Library.CUBLAS, table.choice(product(PRODUCT, false), 75));
        assertEquals(Library.OWN, table.choice(product(PRODUCT, false), 80));
        assertEquals(Library.OWN, table.choice(Task.of(Op.CONV, conv(3, 1, 1)), 75));
        assertEquals(Library.CUDNN, table.choice(Task.of(Op.CONV, conv(1, 0, 1)), 75));
        assertEquals(Library.OWN, table.choice(Task.of(Op.RELU, new Task.Elements(9)), 75));
    }

    @Test
    void powersOfTwoAreNumbers() {
        ChoiceTable table = new ChoiceTable("matmul * 2^12..2^13 * * cublas");
        assertEquals(Library.CUBLAS, table.choice(product(PRODUCT, false), 75));
        assertEquals(Library.OWN, table.choice(product(BATCH, false), 75));
    }

    @Test
    void kindsAndWorkAreOfTheShape() {
        assertEquals("single", product(PRODUCT, false).kind());
        assertEquals("batched", product(BATCH, false).kind());
        assertEquals("3x3", Task.of(Op.CONV, conv(3, 1, 1)).kind());
        assertEquals("other", Task.of(Op.CONV, conv(3, 0, 1)).kind());
        assertEquals("1x1", Task.of(Op.CONV, conv(1, 0, 1)).kind());
        assertEquals("grouped", Task.of(Op.CONV, conv(3, 1, 2)).kind());
        assertEquals(2 * 8 * 16 * 32, product(BATCH, false).work());
        assertEquals(2 * 8 * 100 * 2 * 9, Task.of(Op.CONV, conv(3, 1, 2)).work());
        Pool2dSpec pool = new Pool2dSpec(3, 2, 6, 8, 2, 3, 2, 3, 0, 0, true);
        assertEquals(3 * 2 * 3 * 2 * 6, Task.of(Op.MAX_POOL, pool).work());
    }

    @Test
    void linesForPeopleAreOfTheirGpu() {
        ChoiceTable table =
                new ChoiceTable(
                        """
                        matmul *   >=2^20  *    >=80 cublas
                        conv2d 1x1 <1000   tf32 *    cudnn
                        linear *   *       *    75   own
                        """);
        assertEquals(
                List.of(
                        "matmul, work from 1,048,576 on: cuBLAS",
                        "conv2d, 1x1, tf32, work below 1,000: cuDNN"),
                table.describe(90));
    }

    @Test
    void whatIsNoLineIsNamed() {
        refused("choices.txt, line 2 'matmul * *': a line is op, kind,", "\nmatmul * * # x");
        refused("there is no operation product", "product * * * * own");
        refused("cuBLAS has no conv2d", "conv2d * * * * cublas");
        refused("there is no such kind or arithmetic", "conv2d 3x4 * * * cudnn");
        refused("there is no such kind or arithmetic", "conv2d * * fp16 * cudnn");
        refused("For input string: \"many\"", "conv2d * many * * cudnn");
        refused("No enum constant", "conv2d * * * * mkl");
    }

    private static void refused(String why, String text) {
        var e = assertThrows(IllegalArgumentException.class, () -> new ChoiceTable(text));
        assertTrue(e.getMessage().contains(why), e.getMessage());
        assertTrue(e.getMessage().startsWith("choices.txt, line "), e.getMessage());
    }

    /**
     * What the reference network does with batches of 100 is not worth a library's extra kernels.
     */
    @ParameterizedTest
    @EnumSource(
            value = Op.class,
            names = {"CONV", "CONV_GRAD_INPUT", "CONV_GRAD_WEIGHT"})
    void theCommittedTableKeepsSmallWorkAndGivesLargeWorkAway(Op op) {
        ChoiceTable table = ChoiceTable.committed();
        Conv2dSpec small = new Conv2dSpec(100, 16, 16, 16, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1);
        Conv2dSpec large = new Conv2dSpec(128, 64, 32, 32, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1);
        assertEquals(Library.OWN, table.choice(Task.of(op, small), 90));
        assertEquals(Library.CUDNN, table.choice(Task.of(op, large), 90));
    }

    @Test
    void theCommittedTableNeverTakesCudnnForWhatHasOtherNumbersThere() {
        ChoiceTable table = ChoiceTable.committed();
        Task.Elements many = new Task.Elements(Integer.MAX_VALUE);
        Pool2dSpec pool = new Pool2dSpec(1000, 512, 64, 64, 2, 2, 2, 2, 0, 0, true);
        for (int capability : new int[] {75, 80, 90, 120}) {
            assertEquals(Library.OWN, table.choice(Task.of(Op.DROPOUT, many), capability));
            assertEquals(Library.OWN, table.choice(Task.of(Op.MAX_POOL_GRAD, pool), capability));
        }
    }
}
