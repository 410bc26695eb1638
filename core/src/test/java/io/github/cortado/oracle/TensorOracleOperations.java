package io.github.cortado.oracle;

import static io.github.cortado.DType.FLOAT32;

import io.github.cortado.DType;
import io.github.cortado.Range;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Functional;
import org.jspecify.annotations.Nullable;

/** The operations that {@code oracle/tensors} is about. */
final class TensorOracleOperations {
    private final String op;
    private final Attributes attrs;
    private final OracleOperations inputs;

    TensorOracleOperations(String op, Attributes attrs, OracleOperations inputs) {
        this.op = op;
        this.attrs = attrs;
        this.inputs = inputs;
    }

    private Tensor in(String name) {
        return inputs.in(name);
    }

    private int dim() {
        return attrs.integer("dim");
    }

    private boolean keepDim() {
        return attrs.flag("keepdim", false);
    }

    /** A mask: where a number is above 0. */
    private Tensor mask(String name) {
        return in(name).gt(0);
    }

    /** Start, end and step of each dimension. */
    private Range[] ranges() {
        int[] numbers = attrs.integers("ranges").orElse(new int[0]);
        Range[] ranges = new Range[numbers.length / 3];
        for (int d = 0; d < ranges.length; d++) {
            ranges[d] = Range.of(numbers[3 * d], numbers[3 * d + 1], numbers[3 * d + 2]);
        }
        return ranges;
    }

    /** The result; null if the operation is none of these. */
    @Nullable Tensor run() {
        return switch (op) {
            case "sin" -> in("x").sin();
            case "cos" -> in("x").cos();
            case "floor" -> in("x").floor();
            case "ceil" -> in("x").ceil();
            case "round" -> in("x").round();
            case "trunc" -> in("x").trunc();
            case "pow" -> in("x").pow(attrs.number("exponent", 0));
            case "pow_tensor" -> in("x").pow(in("exponent"));
            case "gather" -> in("x").gather(dim(), in("index"));
            case "scatter_add" -> in("x").scatterAdd(dim(), in("index"), in("src"));
            case "scatter" -> in("x").scatter(dim(), in("index"), in("src"));
            case "scatter_value" -> in("x").scatter(dim(), in("index"), attrs.number("value", 0));
            case "slice_scatter" -> in("x").sliceScatter(in("src"), ranges());
            case "ranges" -> in("x").slice(ranges());
            case "one_hot" ->
                    Functional.oneHot(in("index"), attrs.integer("num_classes")).to(FLOAT32);
            case "select" -> in("x").select(dim(), attrs.integer("index"));
            case "slice" ->
                    in("x").slice(
                                    dim(),
                                    attrs.integer("start"),
                                    attrs.integer("end"),
                                    attrs.integer("step"));
            case "cumsum" -> in("x").cumsum(dim());
            case "sort" -> in("x").sort(dim(), attrs.flag("descending", false)).values();
            case "argsort" -> in("x").argsort(dim(), attrs.flag("descending", false)).to(FLOAT32);
            case "topk" ->
                    in("x").topk(attrs.integer("k"), dim(), attrs.flag("largest", true)).values();
            case "prod" -> in("x").prod(dim(), keepDim());
            case "einsum" -> einsum();
            default -> masks();
        };
    }

    private Tensor einsum() {
        String equation = attrs.text("equation", "");
        Tensor[] operands = new Tensor[equation.split(",", -1).length];
        for (int i = 0; i < operands.length; i++) {
            operands[i] = in("x" + i);
        }
        return Tensor.einsum(equation, operands);
    }

    private @Nullable Tensor masks() {
        Tensor mask = mask();
        return mask == null ? byMask() : checked(mask).to(FLOAT32);
    }

    private static Tensor checked(Tensor mask) {
        if (mask.dtype() != DType.BOOL) {
            throw new AssertionError("no mask, but " + mask.dtype());
        }
        return mask;
    }

    private @Nullable Tensor mask() {
        return switch (op) {
            case "gt" -> in("a").gt(in("b"));
            case "ge" -> in("a").ge(in("b"));
            case "lt" -> in("a").lt(in("b"));
            case "le" -> in("a").le(in("b"));
            case "eq" -> in("a").eq(in("b"));
            case "ne" -> in("a").ne(in("b"));
            case "gt_number" -> in("x").gt(attrs.number("other", 0));
            case "ge_number" -> in("x").ge(attrs.number("other", 0));
            case "lt_number" -> in("x").lt(attrs.number("other", 0));
            case "le_number" -> in("x").le(attrs.number("other", 0));
            case "eq_number" -> in("x").eq(attrs.number("other", 0));
            case "ne_number" -> in("x").ne(attrs.number("other", 0));
            case "isnan" -> in("x").isNan();
            case "isinf" -> in("x").isInf();
            case "isfinite" -> in("x").isFinite();
            case "logical_and" -> in("a").logicalAnd(in("b"));
            case "logical_or" -> in("a").logicalOr(in("b"));
            case "logical_xor" -> in("a").logicalXor(in("b"));
            case "logical_not" -> in("x").logicalNot();
            case "any" -> in("x").any(keepDim(), inputs.list("dim"));
            case "all" -> in("x").all(keepDim(), inputs.list("dim"));
            default -> null;
        };
    }

    private @Nullable Tensor byMask() {
        return switch (op) {
            case "where_mask" -> Tensor.where(mask("condition"), in("a"), in("b"));
            case "masked_fill" -> {
                String value = attrs.text("value", "");
                double number =
                        value.equals("-inf") ? Double.NEGATIVE_INFINITY : Double.parseDouble(value);
                yield in("x").maskedFill(mask("mask"), number);
            }
            case "masked_select" -> in("x").maskedSelect(mask("mask"));
            case "nonzero" -> in("x").nonzero().to(FLOAT32);
            default -> null;
        };
    }
}
