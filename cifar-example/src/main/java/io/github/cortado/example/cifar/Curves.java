package io.github.cortado.example.cifar;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Loss and accuracy of training and validation, epoch by epoch. */
final class Curves {
    private static final Color TRAINING = new Color(0x0969da);
    private static final Color VALIDATION = new Color(0xbc4c00);

    /** Below this width letters are smaller, so that the numbers of 30 epochs keep apart. */
    private static final int NARROW = 450;

    private Curves() {}

    /** A line of numbers, one for each epoch. */
    private record Line(String name, Color colour, ToDoubleFunction<Epoch> value) {}

    /**
     * Loss curves.
     *
     * @param scale pixels for each unit of width and height, so that screens that are fine show
     *     them sharp
     */
    static BufferedImage loss(
            String heading,
            List<Epoch> epochs,
            boolean reference,
            int width,
            int height,
            int scale) {
        return draw(
                heading,
                "loss",
                "#0.0000",
                List.of(
                        new Line("training", TRAINING, Epoch::trainLoss),
                        new Line(validation(reference), VALIDATION, e -> e.shownLoss(reference))),
                epochs,
                new int[] {width, height, scale});
    }

    /** Accuracy curves in percent, as {@link #loss}. */
    static BufferedImage accuracy(
            String heading,
            List<Epoch> epochs,
            boolean reference,
            int width,
            int height,
            int scale) {
        return draw(
                heading,
                "accuracy in %",
                "#0.#",
                List.of(
                        new Line("training", TRAINING, e -> 100 * e.trainAccuracy()),
                        new Line(
                                validation(reference),
                                VALIDATION,
                                e -> 100 * e.shownAccuracy(reference))),
                epochs,
                new int[] {width, height, scale});
    }

    private static String validation(boolean reference) {
        return reference ? "validation, dropout on" : "validation";
    }

    private static BufferedImage draw(
            String heading,
            String yTitle,
            String format,
            List<Line> lines,
            List<Epoch> epochs,
            int[] size) {
        XYChart chart =
                new XYChartBuilder()
                        .width(size[0])
                        .height(size[1])
                        .title(heading)
                        .xAxisTitle("epoch")
                        .yAxisTitle(yTitle)
                        .build();
        style(chart.getStyler(), format, size[0] < NARROW ? 12 : 14);
        int last = epochs.get(epochs.size() - 1).epoch();
        chart.getStyler().setXAxisMin(Math.min(1.0, last - 1.0)).setXAxisMax(Math.max(2.0, last));
        List<Integer> x = new ArrayList<>();
        epochs.forEach(e -> x.add(e.epoch()));
        for (Line line : lines) {
            List<Double> y = epochs.stream().map(e -> line.value().applyAsDouble(e)).toList();
            XYSeries series = chart.addSeries(line.name(), x, y);
            series.setLineColor(line.colour());
            series.setMarkerColor(line.colour());
            series.setLineStyle(new BasicStroke(2.5f));
            series.setMarker(SeriesMarkers.CIRCLE);
        }
        BufferedImage image =
                new BufferedImage(size[0] * size[2], size[1] * size[2], BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.scale(size[2], size[2]);
        chart.paint(g, size[0], size[1]);
        g.dispose();
        return image;
    }

    private static void style(XYStyler style, String format, int fontSize) {
        Font plain = Canvas.font(Font.PLAIN, fontSize);
        style.setChartBackgroundColor(Color.WHITE);
        style.setPlotBackgroundColor(Color.WHITE);
        style.setPlotBorderVisible(false);
        style.setPlotGridLinesColor(new Color(0xd8dee4));
        style.setChartTitleFont(Canvas.font(Font.BOLD, 16));
        style.setChartTitleBoxVisible(false);
        style.setChartFontColor(Canvas.INK);
        style.setAxisTitleFont(plain);
        style.setAxisTickLabelsFont(plain);
        style.setLegendFont(plain);
        // Below the plot, where it can hide no line.
        style.setLegendPosition(LegendPosition.OutsideS);
        style.setLegendLayout(LegendLayout.Horizontal);
        style.setLegendBorderColor(Color.WHITE);
        style.setLegendPadding(14);
        style.setMarkerSize(6);
        style.setYAxisTickMarkSpacingHint(56);
        style.setXAxisTickMarkSpacingHint(60);
        style.setXAxisDecimalPattern("#0");
        style.setYAxisDecimalPattern(format);
    }
}
