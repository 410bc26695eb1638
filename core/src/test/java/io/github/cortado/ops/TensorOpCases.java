package io.github.cortado.ops;

import io.github.cortado.Device;
import io.github.cortado.Range;
import io.github.cortado.Tensor;
import java.util.List;

/** Masks, elements by index, sorting, powers and waves. */
final class TensorOpCases extends OpRows {
    private TensorOpCases() {}

    static List<OpCase> all() {
        TensorOpCases table = new TensorOpCases();
        table.functions();
        table.masks();
        table.byIndex();
        table.along();
        return table.cases();
    }

    private static Tensor index(int rows, long... numbers) {
        return Tensor.of(numbers, rows, numbers.length / rows).to(Device.cpuScalar());
    }

    private static Tensor mask(boolean... values) {
        return Tensor.of(values).to(Device.cpuScalar());
    }

    private void functions() {
        row("sin", "Tensor.sin()", x -> x[0].sin(), leaf(2, 3));
        row("cos", "Tensor.cos()", x -> x[0].cos(), leaf(2, 3));
        row(
                "pow",
                "Tensor.pow(double) Pointwise.pow(Tensor,double)",
                x -> x[0].square().add(0.3).pow(1.7),
                leaf(2, 3));
        row("pow of whole numbers", "", x -> x[0].add(0.1).pow(5), leaf(2, 3));
        row("cube", "", x -> x[0].pow(3), leaf(2, 3));
        row(
                "pow of tensors",
                "Tensor.pow(Tensor)",
                x -> x[0].square().add(0.3).pow(x[1]),
                leaf(2, 3),
                leaf(3));
        row(
                "steps",
                "Tensor.floor() Tensor.ceil() Tensor.round() Tensor.trunc()",
                x -> {
                    Tensor y = x[0].mul(3);
                    return y.floor().add(y.ceil()).add(y.round()).add(y.trunc()).mul(x[0]);
                },
                leaf(2, 3));
        row(
                "einsum",
                "Tensor.einsum(String,Tensor[]) Einsum.apply(String,Tensor[])",
                x -> Tensor.einsum("bij,jk,bi->kb", x),
                leaf(2, 3, 4),
                leaf(4, 2),
                leaf(2, 3));
    }

    private void masks() {
        row(
                "where",
                "Tensor.where(Tensor,Tensor,Tensor) Compare.where(Tensor,Tensor,Tensor)",
                x -> Tensor.where(x[2], x[0], x[1]),
                leaf(2, 3),
                leaf(3),
                mask(true, false, true));
        row(
                "maskedFill",
                "Tensor.maskedFill(Tensor,double) Compare.maskedFill(Tensor,Tensor,double)",
                x -> x[0].maskedFill(x[1], 2),
                leaf(2, 3),
                mask(true, false, false));
        row(
                "maskedSelect",
                "Tensor.maskedSelect(Tensor) Compare.maskedSelect(Tensor,Tensor)",
                x -> x[0].maskedSelect(x[1]),
                leaf(2, 3),
                mask(true, false, true));
    }

    private void byIndex() {
        row(
                "gather",
                "Tensor.gather(int,Tensor) Take.gather(Tensor,int,Tensor)",
                x -> x[0].gather(1, x[1]),
                leaf(3, 4),
                index(2, 0, 3, 3, 1, 1, 0));
        row(
                "scatterAdd",
                "Tensor.scatterAdd(int,Tensor,Tensor) Take.scatterAdd(Tensor,int,Tensor,Tensor)",
                x -> x[0].scatterAdd(1, x[1], x[2].add(0)).mul(x[0]),
                leaf(3, 4),
                index(2, 0, 3, 3, 1, 1, 0),
                leaf(2, 3));
        row(
                "scatter",
                "Tensor.scatter(int,Tensor,Tensor) Put.scatter(Tensor,int,Tensor,Tensor)",
                x -> x[0].scatter(1, x[1], x[2].add(0)).mul(x[0]),
                leaf(3, 4),
                index(2, 0, 3, 3, 1, 1, 0),
                leaf(2, 3));
        row(
                "scatter of a number",
                "Tensor.scatter(int,Tensor,double) Put.scatter(Tensor,int,Tensor,double)",
                x -> x[0].scatter(1, x[1], 2).mul(x[0]),
                leaf(2, 4),
                index(2, 0, 3, 3, 1, 1, 0));
        row(
                "ranges",
                "Tensor.slice(Range[]) Region.slice(Tensor,Range[])",
                x -> x[0].slice(Range.of(0, 3, 2), Range.at(-1), Range.from(1)),
                leaf(3, 2, 4));
        row(
                "sliceScatter",
                "Tensor.sliceScatter(Tensor,Range[]) Region.sliceScatter(Tensor,Tensor,Range[])",
                x -> x[0].sliceScatter(x[1], Range.all(), Range.of(1, 4, 2)).mul(x[0]),
                leaf(2, 5),
                leaf(2, 2));
        row(
                "select",
                "Tensor.select(int,int) Layout.select(Tensor,int,int)",
                x -> x[0].select(1, -2),
                leaf(2, 3, 2));
        row(
                "slice",
                "Tensor.slice(int,int,int) Tensor.slice(int,int,int,int)"
                        + " Layout.slice(Tensor,int,int,int,int)",
                x -> x[0].slice(1, 1, 7, 2),
                leaf(2, 6));
    }

    private void along() {
        row(
                "cumsum",
                "Tensor.cumsum(int) Order.cumsum(Tensor,int)",
                x -> x[0].cumsum(1),
                leaf(2, 3, 2));
        row(
                "sort",
                "Tensor.sort(int,boolean) Order.sort(Tensor,int,boolean)",
                x -> x[0].sort(1, true).values(),
                leaf(2, 5));
        row(
                "topk",
                "Tensor.topk(int,int) Tensor.topk(int,int,boolean)"
                        + " Order.topk(Tensor,int,int,boolean)",
                x -> x[0].topk(2, 0).values(),
                leaf(4, 3));
        row(
                "prod",
                "Tensor.prod(int,boolean) Order.prod(Tensor,int,boolean)",
                x -> x[0].prod(1, false),
                leaf(2, 5));
        row("prod of long lines", "", x -> x[0].mul(0.2).add(1).prod(1, false), leaf(3, 136));
        row("prod of all", "Tensor.prod()", x -> x[0].prod(), leaf(2, 2));
    }
}
