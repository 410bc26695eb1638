package io.github.cortado.benchmarks;

import static io.github.cortado.benchmarks.Operation.Input.of;

import io.github.cortado.DType;
import io.github.cortado.Range;
import io.github.cortado.Tensor;
import io.github.cortado.benchmarks.Operation.Input;
import io.github.cortado.nn.Functional;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Of {@link Operations}: powers and waves, masks, elements by index, sorting and running sums. */
final class TensorOperations {
    private static final int COLUMNS = 1024;

    private final Operations all;
    private final int n;

    TensorOperations(Operations all, int n) {
        this.all = all;
        this.n = n;
    }

    void addAll() {
        functions();
        masks();
        byIndex();
        along();
    }

    private void functions() {
        Input positive = all.matrix().within(0.5f, 2);
        all.unary("sin", Tensor::sin);
        all.unary("cos", Tensor::cos);
        all.unary("floor", Tensor::floor);
        all.unary("ceil", Tensor::ceil);
        all.unary("round", Tensor::round);
        all.unary("trunc", Tensor::trunc);
        all.unary("pow 3", x -> x.pow(3));
        all.unary("pow 1.7", positive, x -> x.pow(1.7));
        all.add("pow of tensors", t -> t.get(0).pow(t.get(1)), positive, all.matrix());
        all.add(
                "einsum",
                t -> Tensor.einsum("bqd,bkd->bqk", t.get(0), t.get(1)),
                of(n / 32, 128, 64),
                of(n / 32, 128, 64));
    }

    private void masks() {
        Map<String, UnaryOperator<Tensor>> ofNumbers = new LinkedHashMap<>();
        ofNumbers.put("gt 0.5", x -> x.gt(0.5));
        ofNumbers.put("ge 0.5", x -> x.ge(0.5));
        ofNumbers.put("lt 0.5", x -> x.lt(0.5));
        ofNumbers.put("le 0.5", x -> x.le(0.5));
        ofNumbers.put("eq 0.5", x -> x.eq(0.5));
        ofNumbers.put("ne 0.5", x -> x.ne(0.5));
        ofNumbers.put("isNan", Tensor::isNan);
        ofNumbers.put("isInf", Tensor::isInf);
        ofNumbers.put("isFinite", Tensor::isFinite);
        ofNumbers.put("logicalNot", Tensor::logicalNot);
        ofNumbers.put("any of rows", x -> x.any(false, 1));
        ofNumbers.put("all of rows", x -> x.all(false, 1));
        ofNumbers.forEach((name, f) -> all.forward(name, t -> f.apply(t.get(0)), all.matrix()));
        all.forward("gt", t -> t.get(0).gt(t.get(1)), all.matrix(), all.matrix());
        all.forward("ge", t -> t.get(0).ge(t.get(1)), all.matrix(), all.matrix());
        all.forward("lt", t -> t.get(0).lt(t.get(1)), all.matrix(), all.matrix());
        all.forward("le", t -> t.get(0).le(t.get(1)), all.matrix(), all.matrix());
        all.forward("eq", t -> t.get(0).eq(t.get(1)), all.matrix(), all.matrix());
        all.forward("ne", t -> t.get(0).ne(t.get(1)), all.matrix(), all.matrix());
        Input whole = all.matrix().as(DType.INT64).within(0, 10);
        all.forward("eq of int64", t -> t.get(0).eq(t.get(1)), whole, whole);
        Input mask = all.matrix().within(0, 2).as(DType.BOOL);
        all.forward("logicalAnd", t -> t.get(0).logicalAnd(t.get(1)), mask, mask);
        all.forward("logicalOr", t -> t.get(0).logicalOr(t.get(1)), mask, mask);
        all.forward("logicalXor", t -> t.get(0).logicalXor(t.get(1)), mask, mask);
        all.add(
                "where",
                t -> Tensor.where(t.get(2), t.get(0), t.get(1)),
                all.matrix(),
                all.matrix(),
                mask);
        all.add("maskedFill", t -> t.get(0).maskedFill(t.get(1), 0), all.matrix(), mask);
        all.add("maskedSelect", t -> t.get(0).maskedSelect(t.get(1)), all.matrix(), mask);
        all.forward("nonzero", t -> t.get(0).nonzero(), mask);
    }

    private void byIndex() {
        Input index = of(n, 64).as(DType.INT64).within(0, COLUMNS);
        all.add("gather", t -> t.get(0).gather(1, t.get(1)), all.matrix(), index);
        all.add(
                "scatterAdd",
                t -> t.get(0).scatterAdd(1, t.get(1), t.get(2)),
                all.matrix(),
                index,
                of(n, 64));
        all.add(
                "scatter",
                t -> t.get(0).scatter(1, t.get(1), t.get(2)),
                all.matrix(),
                index,
                of(n, 64));
        all.add(
                "sliceScatter",
                t -> t.get(0).sliceScatter(t.get(1), Range.all(), Range.of(5, 69)),
                all.matrix(),
                of(n, 64));
        all.add(
                "ranges",
                t -> t.get(0).slice(Range.of(1, n), Range.of(5, COLUMNS, 2)),
                all.matrix());
        all.forward(
                "oneHot",
                t -> Functional.oneHot(t.get(0), COLUMNS),
                of(n).as(DType.INT64).within(0, COLUMNS));
        all.unary("select column", x -> x.select(1, 5));
        all.unary("slice columns", x -> x.slice(1, 0, COLUMNS, 2));
    }

    private void along() {
        all.unary("cumsum of rows", x -> x.cumsum(1));
        all.unary("cumsum of columns", x -> x.cumsum(0));
        all.unary("sort of rows", x -> x.sort(1, false).values());
        all.forward("argsort of rows", t -> t.get(0).argsort(1, false), all.matrix());
        all.unary("topk of rows", x -> x.topk(10, 1).values());
        all.unary("prod of rows", x -> x.prod(1, false));
    }
}
