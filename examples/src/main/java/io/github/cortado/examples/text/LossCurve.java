package io.github.cortado.examples.text;

import io.github.cortado.io.AtomicFile;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.GraphicsEnvironment;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Losses by step, as a picture. */
final class LossCurve {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 520;

    private LossCurve() {}

    /**
     * A line.
     *
     * @param steps where there is a loss, rising
     */
    record Line(String name, List<Integer> steps, List<Double> losses, Color colour) {}

    /** Draws lines to a PNG file; false where Java has no fonts to draw with. */
    static boolean write(Path file, String title, List<Line> lines) throws IOException {
        if (!canDraw()) {
            return false;
        }
        XYChart chart =
                new XYChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .title(title)
                        .xAxisTitle("step")
                        .yAxisTitle("loss, nats a character")
                        .build();
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setPlotBorderVisible(false);
        chart.getStyler().setLegendPosition(LegendPosition.InsideNE);
        chart.getStyler().setYAxisDecimalPattern("#0.0");
        chart.getStyler().setXAxisDecimalPattern("#0");
        for (Line line : lines) {
            XYSeries series = chart.addSeries(line.name, line.steps, line.losses);
            series.setLineColor(line.colour);
            series.setLineStyle(new BasicStroke(1.8f));
            series.setMarker(SeriesMarkers.NONE);
        }
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        chart.paint(g, WIDTH, HEIGHT);
        g.dispose();
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        AtomicFile.write(file, png.toByteArray());
        return true;
    }

    private static boolean canDraw() {
        try {
            return GraphicsEnvironment.getLocalGraphicsEnvironment()
                            .getAvailableFontFamilyNames()
                            .length
                    > 0;
        } catch (RuntimeException | Error e) {
            // As where the system has no library of fonts.
            return false;
        }
    }
}
