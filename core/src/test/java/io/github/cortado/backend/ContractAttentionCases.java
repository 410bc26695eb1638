package io.github.cortado.backend;

import io.github.cortado.DType;
import io.github.cortado.backend.AttentionSpec.Places;
import io.github.cortado.backend.AttentionSpec.Sizes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Rows of {@link BackendContract} for attention. */
final class ContractAttentionCases {
    private static final float HIDDEN = Float.NEGATIVE_INFINITY;

    private final List<ContractCase> cases = new ArrayList<>();

    private ContractAttentionCases() {}

    static List<ContractCase> all() {
        ContractAttentionCases table = new ContractAttentionCases();
        table.sizes();
        table.masks();
        table.sideBySide();
        table.extremes();
        return table.cases;
    }

    private void sizes() {
        for (Sizes s :
                new Sizes[] {
                    new Sizes(1, 1, 1, 1, 1, 1),
                    new Sizes(2, 3, 5, 7, 4, 6),
                    new Sizes(1, 2, 17, 33, 31, 19),
                    new Sizes(1, 2, 64, 64, 64, 64),
                    new Sizes(1, 3, 65, 65, 32, 32),
                    new Sizes(1, 1, 3, 70, 16, 5),
                    new Sizes(1, 1, 33, 1, 3, 2),
                    new Sizes(1, 1, 70, 40, 9, 9),
                    new Sizes(2, 1, 40, 70, 8, 128),
                    new Sizes(1, 2, 9, 70, 128, 3),
                    new Sizes(1, 1, 16, 600, 7, 12),
                    new Sizes(1, 1, 140, 140, 100, 80),
                }) {
            for (boolean causal : new boolean[] {false, true}) {
                separate("", s, null, causal, r -> null);
            }
        }
    }

    /** Of all lines, of each, of keys alone, of queries alone; some of them -infinity. */
    private void masks() {
        Sizes s = new Sizes(2, 2, 21, 37, 8, 8);
        int each = s.queries() * s.keys();
        Places[] masks = {
            new Places(0, 0, 0, s.keys(), 1),
            new Places(0, 2 * each, each, s.keys(), 1),
            new Places(0, each, 0, s.keys(), 1),
            new Places(0, s.keys(), 0, 0, 1),
            new Places(0, s.queries(), 0, 1, 0),
        };
        int[] lengths = {each, 4 * each, 2 * each, 2 * s.keys(), 2 * s.queries()};
        for (int i = 0; i < masks.length; i++) {
            int length = lengths[i];
            separate(masks[i] + " ", s, masks[i], i % 2 == 0, r -> r.random(length, -3, 3));
            separate(
                    "hiding some of " + masks[i] + " ",
                    s,
                    masks[i],
                    i % 2 == 1,
                    r -> r.in(hidingSome(length)));
        }
        // Lines 0, 3 and 20 see nothing, line 5 the last key alone, line 7 one of the first.
        float[] blind = new float[each];
        for (int i : new int[] {0, 3, 5, 7, 20}) {
            Arrays.fill(blind, i * s.keys(), (i + 1) * s.keys(), HIDDEN);
        }
        blind[6 * s.keys() - 1] = 0.5f;
        blind[7 * s.keys() + 2] = 0.25f;
        for (boolean causal : new boolean[] {false, true}) {
            separate("blind ", s, masks[0], causal, r -> r.in(blind));
        }
    }

    /** Never a whole line: element i of each 7 is seen. */
    private static float[] hidingSome(int n) {
        float[] mask = new float[n];
        for (int i = 0; i < n; i++) {
            mask[i] = i % 7 == 0 || i * 31 % 5 > 2 ? i % 11 * 0.1f : HIDDEN;
        }
        return mask;
    }

    private void separate(
            String title,
            Sizes s,
            @Nullable Places mask,
            boolean causal,
            Function<ContractRun, @Nullable Buffer> values) {
        int lines = s.lines();
        AttentionSpec spec =
                new AttentionSpec(
                        s,
                        Places.packed(s.heads(), s.queries(), s.width()),
                        Places.packed(s.heads(), s.keys(), s.width()),
                        Places.packed(s.heads(), s.keys(), s.valueWidth()),
                        Places.packed(s.heads(), s.queries(), s.valueWidth()),
                        mask,
                        causal,
                        1 / Math.sqrt(s.width()));
        rows(
                title,
                spec,
                r ->
                        new Qkv(
                                r.random(lines * s.queries() * s.width()),
                                r.random(lines * s.keys() * s.width()),
                                r.random(lines * s.keys() * s.valueWidth())),
                values,
                r ->
                        new Qkv(
                                r.out(lines * s.queries() * s.width()),
                                r.out(lines * s.keys() * s.width()),
                                r.out(lines * s.keys() * s.valueWidth())));
    }

    /** Heads side by side, and queries, keys and values: all in one buffer. */
    private void sideBySide() {
        for (Sizes s :
                new Sizes[] {new Sizes(2, 3, 11, 11, 6, 6), new Sizes(2, 2, 40, 40, 16, 16)}) {
            int width = s.heads() * s.width();
            int t = s.queries();
            for (boolean batchFirst : new boolean[] {true, false}) {
                for (boolean causal : new boolean[] {false, true}) {
                    AttentionSpec spec =
                            new AttentionSpec(
                                    s,
                                    places(s, 0, 3 * width, batchFirst),
                                    places(s, width, 3 * width, batchFirst),
                                    places(s, 2 * width, 3 * width, batchFirst),
                                    places(s, 0, width, batchFirst),
                                    null,
                                    causal,
                                    0.3);
                    rows(
                            batchFirst ? "side by side " : "side by side, turned ",
                            spec,
                            r -> same(r.random(3 * s.batch() * t * width)),
                            r -> null,
                            r -> same(r.out(3 * s.batch() * t * width)));
                }
            }
        }
    }

    private static Places places(Sizes s, int first, int row, boolean batchFirst) {
        return batchFirst
                ? Places.of(first, s.queries() * row, s.width(), row)
                : Places.of(first, row, s.width(), s.batch() * row);
    }

    private static Qkv same(Buffer x) {
        return new Qkv(x, x, x);
    }

    /** Scores of some ten thousands, which are exact. */
    private void extremes() {
        Sizes s = new Sizes(2, 1, 19, 40, 8, 8);
        Places rows = Places.packed(1, 40, 8);
        Places queries = Places.packed(1, 19, 8);
        for (boolean causal : new boolean[] {false, true}) {
            AttentionSpec spec =
                    new AttentionSpec(s, queries, rows, rows, queries, null, causal, 1e4);
            row(
                    "attention",
                    "huge " + spec,
                    8,
                    (b, r) ->
                            b.attention(
                                    new Qkv(r.ties(304), r.ties(640), r.ties(640)),
                                    null,
                                    r.out(304),
                                    r.out(76),
                                    spec));
            // What is left of differences of equal numbers is scaled up.
            row(
                    "attentionGrad",
                    "huge " + spec,
                    40_000,
                    (b, r) ->
                            gradient(
                                    b,
                                    r,
                                    new Qkv(r.ties(304), r.ties(640), r.ties(640)),
                                    null,
                                    new Qkv(r.out(304), r.out(640), r.out(640)),
                                    spec));
        }
    }

    private void rows(
            String title,
            AttentionSpec s,
            Function<ContractRun, Qkv> x,
            Function<ContractRun, @Nullable Buffer> mask,
            Function<ContractRun, Qkv> dx) {
        Sizes sizes = s.sizes();
        int terms = sizes.width() + sizes.keys();
        row(
                "attention",
                title + s,
                terms,
                (b, r) ->
                        b.attention(
                                x.apply(r),
                                mask.apply(r),
                                r.out(sizes.rows() * sizes.valueWidth()),
                                r.out(2 * sizes.rows()),
                                s));
        row(
                "attentionGrad",
                title + s,
                2 * (terms + sizes.valueWidth() + sizes.queries()),
                (b, r) -> gradient(b, r, x.apply(r), mask.apply(r), dx.apply(r), s));
    }

    private static void gradient(
            Backend b, ContractRun r, Qkv x, @Nullable Buffer mask, Qkv dx, AttentionSpec s) {
        int n = s.sizes().rows() * s.sizes().valueWidth();
        Buffer y = b.allocate(DType.FLOAT32, n);
        Buffer sums = b.allocate(DType.FLOAT32, 2 * s.sizes().rows());
        b.attention(x, mask, y, sums, s);
        b.attentionGrad(x, mask, y, sums, r.random(n), dx, s);
    }

    private void row(String method, String title, int terms, ContractCase.Call call) {
        cases.add(new ContractCase(method, title, terms, call));
    }
}
