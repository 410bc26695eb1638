package io.github.cortado.backend;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.backend.formula.Formula;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a device can compute: plain functions over buffers, in forward and backward pairs. The core
 * has checked every shape and supplies every result buffer; backends know nothing of autograd. The
 * formula in each method's comment is the contract that all backends are tested against.
 *
 * <p>Gradients carry the forward name with {@code d}: dy is the gradient of the loss by y. Unless
 * said otherwise a method overwrites its results, results do not overlap inputs, and all floating
 * buffers of a call have one dtype.
 */
public interface Backend {
    /** Short name as in {@code Device.of}: {@code cpu-vector}, {@code cpu-scalar}. */
    String name();

    /** One line for people: what computes here, with which width and how many threads. */
    String description();

    /**
     * What was found and what is missing, line by line, for people who ask what is used: libraries,
     * which operations go where, what to install for more.
     */
    default List<String> report() {
        return List.of();
    }

    /** Whether this backend computes in {@code dtype}; integers and bytes are always stored. */
    boolean supports(DType dtype);

    /** Waits until everything that was asked for has been done. */
    default void synchronize() {}

    /** Nanoseconds that the device takes for what {@code work} asks of it. */
    default long nanoseconds(Runnable work) {
        synchronize();
        long start = System.nanoTime();
        work.run();
        synchronize();
        return System.nanoTime() - start;
    }

    /** Bytes of the device's memory that buffers hold; 0 where Java's heap holds them. */
    default long bytesInUse() {
        return 0;
    }

    /**
     * Allows or forbids TF32 in matrix products and convolutions.
     *
     * @return whether it is used from now on
     */
    default boolean allowTf32(boolean allowed) {
        return false;
    }

    /** Prepares a step to be run as a whole. */
    <T> CompiledStep<T> compile(Supplier<T> step);

    // Memory

    /** A new buffer of zeros. */
    Buffer allocate(DType dtype, int length);

    /** A new buffer with any values, for results that are overwritten. */
    default Buffer empty(DType dtype, int length) {
        return allocate(dtype, length);
    }

    /**
     * Copies a whole Java array (float[], double[], int[], long[] or byte[], as the dtype says)
     * into y.
     */
    void upload(Object array, Buffer y);

    /** Copies x into a Java array of the same length and matching type. */
    void download(Buffer x, Object array);

    /** y = x, same dtype and length. */
    void copy(Buffer x, Buffer y);

    /** y_i = value. */
    void fill(Buffer y, double value);

    /** y_i = y_i + by, in place, for int64: how batches are counted. */
    void increment(Buffer y, long by);

    /**
     * y_i = x_i with another dtype; floats become integers by truncation, and whatever is not 0 is
     * true.
     */
    void cast(Buffer x, Buffer y);

    /** y = the strided region of x, in row-major order (permute, expand, narrow). */
    void gather(Buffer x, Buffer y, Strided from);

    /** The strided region of y = x; the rest of y is kept. Regions have no stride of 0. */
    void scatter(Buffer x, Buffer y, Strided to);

    /**
     * y[o,k,j] = x[o,index[k],j] for every number k of the index (int64), of any dtype.
     *
     * @throws IllegalArgumentException if an index is none of the axis; on a GPU when a value is
     *     read
     */
    void indexSelect(Buffer x, Buffer index, Buffer y, Axis axis);

    /**
     * dx[o,i,j] = the sum of dy[o,k,j] over all k with index[k] = i, in their order; 0 for i =
     * {@code padding}, which is -1 where there is none.
     */
    void indexSelectGrad(Buffer dy, Buffer index, Buffer dx, Axis axis, int padding);

    /**
     * y[o,i,j] = the sum of x[o,index[k],j] over all k with target[k] = i, in their order; the
     * index and the target (int64) are of one length. The target is trusted.
     *
     * @param axis of x; y differs in its size only
     * @throws IllegalArgumentException as {@link #indexSelect}
     */
    default void indexSum(Buffer x, Buffer index, Buffer y, Buffer target, Axis axis) {
        int lines = axis.outer() * axis.inner();
        Buffer selected = empty(x.dtype(), lines * index.length());
        indexSelect(x, index, selected, axis);
        Axis sums = new Axis(axis.outer(), y.length() / Math.max(1, lines), axis.inner());
        indexSelectGrad(selected, target, y, sums, -1);
        selected.release("it was added up");
    }

    /**
     * y[o,k,j] = x[o,index[o,k,j],j] for the elements of the index (int64) [o, picks, j], of any
     * dtype.
     *
     * @throws IllegalArgumentException if an index is none of the axis; on a GPU when a value is
     *     read
     */
    void take(Buffer x, Buffer index, Buffer y, Axis axis);

    /**
     * dx[o,i,j] = the sum of dy[o,k,j] over all k with index[o,k,j] = i, in their order.
     *
     * @throws IllegalArgumentException if an index is none of the axis; on a GPU when a value is
     *     read
     */
    void takeGrad(Buffer dy, Buffer index, Buffer dx, Axis axis);

    /**
     * y[o,index[o,k,j],j] = x[o,k,j] in the order of k, so that the last one stays, for buffers of
     * any dtype; the rest of y is kept.
     *
     * @throws IllegalArgumentException if an index is none of the axis; on a GPU when a value is
     *     read
     */
    void put(Buffer x, Buffer index, Buffer y, Axis axis);

    // Pointwise

    /**
     * mask_i (bool) = whether a_i and b_i, both int64 or both bool, stand to each other like that.
     *
     * @param b has as many elements as a, or one, with which all are compared
     */
    void compare(Relation how, Buffer a, Buffer b, Buffer mask);

    /**
     * outputs = formula of the inputs, element by element, on the whole of the outputs. See {@link
     * io.github.cortado.backend.formula.Formulas} for those that have names. An output may be an
     * input, too.
     */
    void pointwise(Formula formula, Operands operands);

    /**
     * mask = whether the result of a formula without random numbers is not 0, element by element;
     * NaN is not.
     *
     * @param mask of bools, of the result's length
     */
    default void truths(Formula formula, List<Buffer> inputs, Broadcast walk, Buffer mask) {
        Buffer numbers = empty(inputs.get(0).dtype(), mask.length());
        pointwise(formula, new Operands(inputs, List.of(numbers), List.of(), List.of(), walk));
        cast(numbers, mask);
        numbers.release("its truths are known");
    }

    /**
     * Lets {@code first} compute values into the buffer that it is given, and then a formula of as
     * many elements. The formula reads {@code between}, where the values come to lie, element by
     * element; one of its outputs may be the same memory.
     *
     * @return whether the formula ran on parts of the values, each as soon as it was there
     */
    default boolean followed(
            Buffer between, Consumer<Buffer> first, Formula formula, Operands operands) {
        first.accept(between);
        pointwise(formula, operands);
        return false;
    }

    // Reductions

    /** y[o,j] = sum over i of x[o,i,j]. */
    void sum(Buffer x, Buffer y, Axis axis);

    /**
     * y = the {@link #sum} of a formula's last result, which is not stored; those before it are.
     *
     * @param operands with outputs for all results but the last
     * @return whether it was added up while it was computed
     */
    default boolean sumOf(Formula formula, Operands operands, Buffer y, Axis axis) {
        Buffer last = empty(y.dtype(), axis.size());
        pointwise(formula, operands.followedBy(last));
        sum(last, y, axis);
        last.release("it was added up");
        return false;
    }

    /**
     * y[o,j] = product over i of x[o,i,j], for one i at least, multiplied as {@link Quarters} have
     * it.
     */
    default void prod(Buffer x, Buffer y, Axis axis) {
        Quarters.product(this, x, y, axis);
    }

    /** y[o,j] = max over i of x[o,i,j]; index (int64) = the first i that has it. NaN wins. */
    void max(Buffer x, Buffer y, Buffer index, Axis axis);

    /** dx[o,i,j] = dy[o,j] where i = index[o,j], else 0. */
    void maxGrad(Buffer dy, Buffer index, Buffer dx, Axis axis);

    /** y[o,i,j] = x[o,0,j] + ... + x[o,i,j], or x[o,i,j] + ... + x[o,n-1,j] from the end. */
    void cumulativeSum(Buffer x, Buffer y, Axis axis, boolean fromEnd);

    /**
     * y[o,.,j] = x[o,.,j] from the smallest to the largest, or from the largest to the smallest, as
     * many of them as y has place for; index (int64) = where each was. Equal ones stay in their
     * order, and NaN is above all numbers.
     *
     * @param axis of x
     */
    void sort(Buffer x, Buffer y, Buffer index, Axis axis, boolean descending);

    /**
     * y[o,i,j] = e^x[o,i,j] / sum over i' of e^x[o,i',j], or the logarithm of that, x[o,i,j] - ln
     * sum over i' of e^x[o,i',j].
     */
    void softmax(Buffer x, Buffer y, Axis axis, boolean log);

    /** dx = y (dy - sum over i of dy y), or dy - e^y sum over i of dy of the logarithm y. */
    void softmaxGrad(Buffer y, Buffer dy, Buffer dx, Axis axis, boolean log);

    /**
     * Lets {@code first} compute x [outer, n] into the buffer that it is given, and then y =
     * softmax of x along n, or its logarithm; x is nobody else's.
     *
     * @return whether that was done of some lines while others were still to be computed
     */
    default boolean softmaxOf(Consumer<Buffer> first, Buffer y, Axis axis, boolean log) {
        Buffer x = empty(y.dtype(), y.length());
        first.accept(x);
        softmax(x, y, axis, log);
        x.release("its softmax was computed");
        return false;
    }

    // Matrix products

    /** y_i = op(a_i) op(b_i) for every i of the batch. */
    void matmul(Buffer a, Buffer b, Buffer y, MatmulSpec spec);

    /** y [m, n] = x [m, k] w^T + b, w [n, k], b [n]; without b no bias is added. */
    void linear(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, LinearSpec spec);

    /**
     * The gradients of {@link #linear} by x, w and b, those that are asked for: dx [m, k] = dy w,
     * dw [n, k] = dy^T x and db [n] = the sum of dy [m, n] over its rows.
     */
    default void linearGrad(
            Buffer x,
            Buffer w,
            Buffer dy,
            @Nullable Buffer dx,
            @Nullable Buffer dw,
            @Nullable Buffer db,
            LinearSpec spec) {
        int m = spec.m();
        int n = spec.n();
        int k = spec.k();
        if (dx != null) {
            matmul(dy, w, dx, MatmulSpec.single(m, k, n, false, false));
        }
        if (dw != null) {
            matmul(dy, x, dw, MatmulSpec.single(n, k, m, true, false));
        }
        if (db != null) {
            sum(dy, db, new Axis(1, m, n));
        }
    }

    // Attention

    /**
     * Of each head, with s_ij = scale (q_i . k_j) + mask_ij over the keys j that query i may see:
     * y_i = sum over j of e^(s_ij - m_i) / z_i v_j, m_i = max over j of s_ij, z_i = sum over j of
     * e^(s_ij - m_i). A query whose mask is -infinity at all of them has y_i = 0, m_i = 0 and ln
     * z_i = infinity.
     *
     * @param sums m of all rows, then ln z of all rows: [2, rows]
     */
    void attention(Qkv x, @Nullable Buffer mask, Buffer y, Buffer sums, AttentionSpec spec);

    /**
     * The gradients of {@link #attention} by q, k and v, which lie as these do. With p_ij = e^(s_ij
     * - m_i - ln z_i) and t_ij = p_ij (dy_i . v_j - dy_i . y_i): dq_i = scale sum over j of t_ij
     * k_j, dk_j = scale sum over i of t_ij q_i, dv_j = sum over i of p_ij dy_i.
     *
     * @param dy lies as y does
     */
    void attentionGrad(
            Qkv x,
            @Nullable Buffer mask,
            Buffer y,
            Buffer sums,
            Buffer dy,
            Qkv dx,
            AttentionSpec spec);

    // Convolution and pooling

    /**
     * y[n,o,p,q] = b[o] + sum over c, r, s of w[o,c,r,s] x[n, c', p strideH - padH + r dilationH, q
     * strideW - padW + s dilationW], x being 0 outside; c' is channel c of o's group.
     *
     * <p>Where the specification says so, y is min(max(., 0), limit) of that, or y and index are
     * {@link #maxPool2d} of it.
     */
    void conv2d(
            Buffer x,
            Buffer w,
            @Nullable Buffer b,
            Buffer y,
            @Nullable Buffer index,
            Conv2dSpec spec);

    /**
     * The gradients of {@link #conv2d} by x, w and b, those that are asked for, db only along with
     * dw. dy is the gradient of what was convolved, before a ReLU; if that is pooled, it is the
     * windows', which goes where index says: most of the convolution's outputs get none.
     */
    void conv2dGrad(
            Buffer x,
            Buffer w,
            Buffer dy,
            @Nullable Buffer index,
            @Nullable Buffer dx,
            @Nullable Buffer dw,
            @Nullable Buffer db,
            Conv2dSpec spec);

    /**
     * y = largest x in each window, padding never chosen; NaN wins. With ReLU, y = max(., 0) of
     * that.
     *
     * @param index (uint8) null, or what {@link #maxPool2dGrad} is given, where places fit a byte:
     *     the place of each window's first maximum, row by row, or {@link Pool2dSpec#NOWHERE} where
     *     ReLU left nothing above 0. Without ReLU a backend may leave it as it is, and look at x
     *     once more.
     */
    void maxPool2d(Buffer x, Buffer y, @Nullable Buffer index, Pool2dSpec spec);

    /**
     * dx = the sum of dy of the windows whose index lies there.
     *
     * @param x what the windows are over, whose first maxima, in row-major order, may be looked for
     *     once more; null where there was a ReLU
     * @param index what {@link #maxPool2d} was given along with x; null where there was none
     */
    void maxPool2dGrad(
            @Nullable Buffer x, @Nullable Buffer index, Buffer dy, Buffer dx, Pool2dSpec spec);

    /** y = mean of x over each window, by the divisor that the specification names. */
    void avgPool2d(Buffer x, Buffer y, Pool2dSpec spec);

    /** dx = the sum of dy / divisor of the windows that an element belongs to. */
    void avgPool2dGrad(Buffer dy, Buffer dx, Pool2dSpec spec);

    // Resampling

    /**
     * Pictures of another size: y[.,p,q] is x at the place of (p, q), in a row and from one row to
     * the next y = (1 - weight) low + weight high by {@link SourcePlaces}; with the nearest element
     * y[.,p,q] = x[.,low(p),low(q)].
     */
    void resample2d(Buffer x, Buffer y, Resample2dSpec spec);

    /**
     * dx[.,r,c] = the sum of dy[.,p,q] by what element (r, c) weighs in y[.,p,q], over p from the
     * first to the last, and in each row over q.
     */
    void resample2dGrad(Buffer dy, Buffer dx, Resample2dSpec spec);

    // Normalisation

    /**
     * Moments of x [n, channels, inner]: mean[c], and invStd[c] = 1 / sqrt(var + eps) with the
     * biased variance. runningMean and runningVar, where given, move by momentum towards the mean
     * and the unbiased variance.
     */
    void batchNormStatistics(
            Buffer x,
            Moments moments,
            @Nullable Buffer runningMean,
            @Nullable Buffer runningVar,
            NormSpec spec);

    /**
     * y[n,c,i] = p = (x[n,c,i] - mean[c]) invStd[c] w[c] + b[c], or min(max(p, 0), limit) where the
     * specification has a limit.
     */
    void batchNorm(Buffer x, Moments moments, Affine affine, Buffer y, NormSpec spec);

    /**
     * Gradients of {@link #batchNorm} by x, w and b. With h = (x - mean) invStd: dw = sum dy h, db
     * = sum dy; with moments of x dx = w invStd (dy - mean(dy) - h mean(dy h)), with fixed ones dx
     * = w invStd dy. With a limit dy counts where p is above 0 and below the limit, or both are
     * infinite, and is 0 elsewhere.
     */
    void batchNormGrad(
            Buffer x,
            Moments moments,
            Affine affine,
            Buffer dy,
            Buffer dx,
            Buffer dw,
            Buffer db,
            NormSpec spec);

    /**
     * Normalises each row of x [rows, n]: y = (x - mean) invStd w + b, mean and biased variance
     * over the row, kept in the moments. Element i of row r has weight (r mod groups) n / inner + i
     * / inner, and the mean is 0 where the specification says so.
     */
    void layerNorm(
            Buffer x,
            @Nullable Buffer w,
            @Nullable Buffer b,
            Buffer y,
            Moments moments,
            LayerNormSpec spec);

    /**
     * Gradients of {@link #layerNorm}. With h = (x - mean) invStd and g = dy w: dx = invStd (g -
     * mean(g) - h mean(g h)) by row, without mean(g) where no mean was subtracted; dw = the sum of
     * dy h over all that has the weight, db = that of dy.
     */
    void layerNormGrad(
            Buffer x,
            @Nullable Buffer w,
            Moments moments,
            Buffer dy,
            Buffer dx,
            Buffer dw,
            Buffer db,
            LayerNormSpec spec);

    // Recurrent networks

    /**
     * A step of long short-term memory (Hochreiter and Schmidhuber, 1997; Gers et al., 2000). Of x
     * + gates [n, 4 hidden] the quarters of each row are i, f, g and o: next = s(f) c + s(i)
     * tanh(g) and h = s(o) tanh(next), all [n, hidden], s the logistic function.
     *
     * @param gates what the state makes of the gates; afterwards s(i), s(f), tanh(g) and s(o)
     */
    void lstmCell(Buffer x, Buffer gates, Buffer c, Buffer h, Buffer next, CellSpec spec);

    /**
     * Gradients of {@link #lstmCell}. With d = dh + dy and e = dc + d s(o) (1 - tanh(next)^2):
     * dgates are e tanh(g) s(i) (1 - s(i)), e c s(f) (1 - s(f)), e s(i) (1 - tanh(g)^2) and d
     * tanh(next) s(o) (1 - s(o)).
     *
     * @param gates as {@link #lstmCell} leaves them
     * @param dh a part of the gradient by h, as is dy
     * @param dc the gradient by next; afterwards that by c, e s(f)
     */
    void lstmCellGrad(
            Buffer gates,
            Buffer c,
            Buffer next,
            Buffer dh,
            Buffer dy,
            Buffer dc,
            Buffer dgates,
            CellSpec spec);

    // Losses

    /**
     * Softmax cross-entropy. With p [n, classes, inner] = softmax of the logits by class, the loss
     * of one target t is -(1 - s) ln p_t - s / classes sum over c of ln p_c, s the label smoothing;
     * 0 for targets that are ignored.
     *
     * @param y the n inner losses, or one number, their sum or mean
     * @param dx the gradient of the losses by the logits, where it is asked for: p - (1 - s)
     *     onehot(t) - s / classes, divided by the number of targets that are not ignored if y is
     *     their mean; 0 for ignored targets
     * @param totals running totals of a classifier (float64), where they are given: totals[0] += y,
     *     totals[1] += the number of targets that are the first largest of their logits, totals[2]
     *     += the number of targets; ignored ones do not count
     */
    void crossEntropy(
            Buffer logits,
            Buffer target,
            Buffer y,
            @Nullable Buffer dx,
            @Nullable Buffer totals,
            CrossEntropySpec spec);
}
