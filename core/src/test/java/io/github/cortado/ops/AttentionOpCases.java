package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Block;
import io.github.cortado.nn.Draws;
import io.github.cortado.nn.Functional;
import io.github.cortado.random.Seed;
import java.util.List;

/** Attention that is one operation, and the same where it is composed. */
final class AttentionOpCases extends OpRows {
    private AttentionOpCases() {}

    static List<OpCase> all() {
        AttentionOpCases table = new AttentionOpCases();
        table.masks();
        table.heads();
        return table.cases();
    }

    private void masks() {
        row(
                "attention with a mask",
                "",
                x -> Functional.scaledDotProductAttention(x[0], x[1], x[2], x[3]),
                leaf(2, 3, 4),
                leaf(2, 5, 4),
                leaf(2, 5, 2),
                number(2, 1, 5));
        row(
                "causal attention to fewer keys",
                "",
                x -> Functional.scaledDotProductAttention(x[0], x[1], x[2], true),
                leaf(2, 5, 4),
                leaf(2, 3, 4),
                leaf(2, 3, 4));
        row(
                "attention of stretched batches",
                "",
                x -> Functional.scaledDotProductAttention(x[0], x[1], x[2]),
                leaf(2, 3, 4),
                leaf(1, 5, 4),
                leaf(5, 2));
    }

    private void heads() {
        String heads = "Attention.ofHeads(List,int,boolean,Tensor,boolean,UnaryOperator)";
        row(
                "self-attention",
                "Functional.selfAttention(Tensor,int,boolean) " + heads,
                x -> Functional.selfAttention(x[0], 2, false),
                leaf(2, 3, 12));
        row(
                "causal self-attention with dropout",
                "Functional.selfAttention(Tensor,int,boolean,double,Draws)",
                x -> {
                    Seed.manualSeed(6);
                    return new Forgetful().forward(x[0]);
                },
                leaf(2, 3, 12));
        row(
                "attention of heads, places first",
                "",
                x -> Attention.ofHeads(List.of(x[0], x[1], x[2]), 2, false, x[3], false, null),
                leaf(3, 2, 4),
                leaf(5, 2, 4),
                leaf(5, 2, 4),
                number(2, 1, 1, 5));
    }

    /** Attention with draws of its own. */
    private static final class Forgetful extends Block {
        private final Draws draws = draws();

        Tensor forward(Tensor qkv) {
            return Functional.selfAttention(qkv, 2, true, 0.4, draws);
        }
    }
}
