package io.github.cortado.cuda;

import java.util.Locale;

/**
 * Kernels that do nothing but one thing, in PTX written here: nothing at all, multiply-adds in
 * registers, and products on tensor cores of operands that stay in registers. They measure limits
 * and compute nothing that anybody wants; one store that never happens keeps the compiler from
 * dropping them.
 */
final class LimitsPtx {
    /** A kernel without instructions. */
    static final String NOTHING = "nothing";

    /** Multiply-adds in float32, {@link #FLOPS} for each thread and turn. */
    static final String MULTIPLY_ADDS = "multiply_adds";

    /** Products of 16 x 8 by 8 x 8 in TF32, {@link #TENSOR_FLOPS} for each warp and turn. */
    static final String TENSOR_CORES = "tensor_cores";

    /** Results that do not wait for each other; four cycles pass until one is there. */
    private static final int CHAINS = 16;

    private static final int UNROLLED = 8;
    private static final int TILES = 8;
    private static final String INFINITY = "0f7F800000";

    static final double FLOPS = 2.0 * CHAINS * UNROLLED;
    static final double TENSOR_FLOPS = 2.0 * 16 * 8 * 8 * TILES * UNROLLED;

    private LimitsPtx() {}

    /** {@link #NOTHING} and {@link #MULTIPLY_ADDS}, for compute capability 7.5 and up. */
    static String plain() {
        StringBuilder s = new StringBuilder(header(75));
        s.append(".visible .entry ").append(NOTHING).append("() {\n  ret;\n}\n");
        begin(s, MULTIPLY_ADDS);
        for (int i = 0; i < CHAINS; i++) {
            s.append("  add.f32 %x").append(i).append(", %t, 0f3F800000;\n");
        }
        s.append("turn:\n");
        for (int i = 0; i < CHAINS * UNROLLED; i++) {
            String x = "%x" + i % CHAINS;
            s.append("  fma.rn.f32 ").append(x).append(", ").append(x).append(", %a, %b;\n");
        }
        return end(s, CHAINS);
    }

    /** {@link #TENSOR_CORES}, for compute capability 8.0 and up. */
    static String tensorCores() {
        StringBuilder s = new StringBuilder(header(80));
        begin(s, TENSOR_CORES);
        for (int i = 0; i < 4 * TILES; i++) {
            s.append("  mov.f32 %x").append(i).append(", %t;\n");
        }
        s.append("  mov.b32 %i, %a;\nturn:\n");
        for (int i = 0; i < TILES * UNROLLED; i++) {
            int tile = 4 * (i % TILES);
            String sums =
                    String.format(
                            Locale.ROOT,
                            "{%%x%d, %%x%d, %%x%d, %%x%d}",
                            tile,
                            tile + 1,
                            tile + 2,
                            tile + 3);
            s.append("  mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 ")
                    .append(sums)
                    .append(", {%i, %i, %i, %i}, {%i, %i}, ")
                    .append(sums)
                    .append(";\n");
        }
        return end(s, 4 * TILES);
    }

    private static String header(int capability) {
        return "// limits\n.version "
                + Kernels.VERSION
                + "\n.target sm_"
                + capability
                + "\n.address_size 64\n";
    }

    /** Arguments: where the store that never happens would go, and the number of turns. */
    private static void begin(StringBuilder s, String name) {
        s.append(".visible .entry ").append(name);
        s.append("(.param .u64 where, .param .u32 turns) {\n");
        s.append("  .reg .f32 %x<").append(4 * TILES).append(">;\n");
        s.append("  .reg .f32 %t, %a, %b;\n  .reg .b32 %n, %i;\n  .reg .b64 %o;\n");
        s.append("  .reg .pred %p;\n  ld.param.u32 %n, [turns];\n  mov.u32 %i, %tid.x;\n");
        // From the thread's number, so that no operand is known to the compiler.
        s.append("  cvt.rn.f32.u32 %t, %i;\n");
        s.append("  mul.f32 %a, %t, 0f38000000;\n  mul.f32 %b, %t, 0f37000000;\n");
    }

    private static String end(StringBuilder s, int sums) {
        s.append("  sub.u32 %n, %n, 1;\n  setp.ne.u32 %p, %n, 0;\n  @%p bra turn;\n");
        for (int i = 1; i < sums; i++) {
            s.append("  add.f32 %x0, %x0, %x").append(i).append(";\n");
        }
        s.append("  setp.eq.f32 %p, %x0, ").append(INFINITY).append(";\n");
        s.append("  ld.param.u64 %o, [where];\n  @%p st.global.f32 [%o], %x0;\n  ret;\n}\n");
        return s.toString();
    }
}
