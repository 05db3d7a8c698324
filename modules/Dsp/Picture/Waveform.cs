using System.Globalization;

namespace OscLooper.Dsp;

/// <summary>[worker] A moment in a sound that a picture points at.</summary>
/// <param name="Seconds">When.</param>
/// <param name="Label">A few letters.</param>
public readonly record struct WaveformMarker(double Seconds, string Label);

/// <summary>[worker] Draws the picture of a sound file: peaks light, loudness dark, seconds below, markers above.</summary>
public static class Waveform
{
    const uint Paper = 0xF6F8FB, Plot = 0xFFFFFF, Ink = 0x24303E, Faint = 0x6B7A8C, Grid = 0xE6EBF1, Axis = 0xB9C4D0;
    const uint PeakColour = 0x86B5E0, LoudColour = 0x1F5FA8, OverColour = 0xD8342B, MarkerColour = 0xD9730D;
    const int Left = 60, Right = 16, TitleHeight = 34, RowHeight = 20, Bottom = 34, LaneGap = 6;

    /// <summary>[worker] Draws a sound file into a PNG file.</summary>
    public static void Draw(string soundPath, string pngPath, string? title = null, IReadOnlyList<WaveformMarker>? markers = null,
        int width = 1200, int height = 400)
    {
        width = Math.Clamp(width, 200, 8192);
        height = Math.Clamp(height, 120, 8192);
        using var reader = SoundFile.Open(soundPath);
        var canvas = Paint(reader, title ?? Path.GetFileName(soundPath), markers ?? [], width, height);
        SoundFileException.Guard(pngPath, () =>
        {
            var temporary = SoundWriter.PathWhileWriting(pngPath);
            using (var file = File.Create(temporary)) PngFile.Write(file, canvas);
            File.Move(temporary, pngPath, overwrite: true);
            return 0;
        });
    }

    internal static Canvas Paint(SoundReader reader, string title, IReadOnlyList<WaveformMarker> markers, int width, int height)
    {
        var info = reader.Info;
        var plotWidth = width - Left - Right;
        var columns = WaveformColumns.Of(reader, plotWidth);
        var seconds = Math.Max(1e-9, (double)info.Frames / info.Rate);
        int X(double second) => Left + (int)Math.Round(second / seconds * (plotWidth - 1));

        var rows = Arrange(markers, X, width);
        var top = TitleHeight + (rows.Count == 0 ? 0 : (rows.Max(row => row.Row) + 1) * RowHeight + 4);
        var lanes = Math.Min(info.Lanes, Math.Max(1, (height - top - Bottom) / 24));
        var laneHeight = (height - top - Bottom - (lanes - 1) * LaneGap) / lanes;
        var canvas = new Canvas(width, height, Paper);

        canvas.Text(16, 11, title, Ink);
        var facts = Invariant($"{info.Lanes} {(info.Lanes == 1 ? "lane" : "lanes")}, {info.Rate / 1000.0:0.###} kHz, {(double)info.Frames / info.Rate:0.000} s");
        canvas.Text(width - Right - PixelFont.Measure(facts, 2), 11, facts, Faint);

        // The scale is a power of two, so that pictures of like sounds can be compared.
        var scale = Math.Pow(2, Math.Clamp(Math.Ceiling(Math.Log2(Math.Max(1e-3, columns.Peak))), -6, 128));
        for (var lane = 0; lane < lanes; lane++)
        {
            var y = top + lane * (laneHeight + LaneGap);
            canvas.Fill(Left, y, plotWidth, laneHeight, Plot);
            Ticks(canvas, seconds, plotWidth, (second, _) => canvas.Fill(X(second), y, 1, laneHeight, Grid));
            Lane(canvas, columns, lane, y, laneHeight, scale);
            Label(canvas, lane, info.Lanes, y, laneHeight, scale);
        }

        var bottom = top + lanes * laneHeight + (lanes - 1) * LaneGap;
        Ticks(canvas, seconds, plotWidth, (second, text) =>
        {
            canvas.Fill(X(second), bottom, 1, 5, Axis);
            var textWidth = PixelFont.Measure(text, 2);
            canvas.Text(Math.Clamp(X(second) - textWidth / 2, Left, width - textWidth - 4), bottom + 10, text, Faint);
        });
        foreach (var (marker, x, textX, row) in rows)
        {
            var y = TitleHeight + row * RowHeight;
            for (var dash = y; dash < bottom; dash += 6) canvas.Fill(x, dash, 1, 4, MarkerColour, 0.85);
            canvas.Fill(textX - 4, y, PixelFont.Measure(marker.Label, 2) + 8, 18, MarkerColour, 0.12);
            canvas.Fill(x, y, 2, 18, MarkerColour);
            canvas.Text(textX, y + 2, marker.Label, MarkerColour);
        }
        return canvas;
    }

    static void Lane(Canvas canvas, WaveformColumns columns, int lane, int top, int height, double scale)
    {
        double middle = top + height / 2.0, reach = height / 2.0 - 2;
        double Y(double sample) => middle - sample / scale * reach;
        foreach (var half in new[] { 0.5, -0.5 })
            for (var x = 0; x < columns.Count; x += 6) canvas.Fill(Left + x, (int)Y(half * scale), 3, 1, Grid);
        canvas.Fill(Left, (int)middle, columns.Count, 1, Axis, 0.7);

        (float Low, float High, double Loudness)? before = null;
        for (var column = 0; column < columns.Count; column++)
        {
            if (columns.At(column, lane) is not { } here)
            {
                before = null;
                continue;
            }
            // A column reaches to its neighbour, so that a slow wave is a line and not a row of dots.
            var low = before is { } past ? Math.Min(here.Low, past.High) : here.Low;
            var high = before is { } old ? Math.Max(here.High, old.Low) : here.High;
            double upper = Y(high) - 0.6, lower = Y(low) + 0.6;
            canvas.Column(Left + column, upper, lower, PeakColour);
            canvas.Column(Left + column, Math.Max(upper, Y(here.Loudness)), Math.Min(lower, Y(-here.Loudness)), LoudColour);
            if (here.High > 1) canvas.Column(Left + column, upper, Math.Max(upper + 3, Y(1)), OverColour);
            if (here.Low < -1) canvas.Column(Left + column, Math.Min(lower - 3, Y(-1)), lower, OverColour);
            before = here;
        }
    }

    static void Label(Canvas canvas, int lane, int lanes, int top, int height, double scale)
    {
        var name = lanes switch { 1 => "", 2 => lane == 0 ? "L" : "R", _ => Invariant($"{lane + 1}") };
        canvas.Text(12, top + height / 2 - 7, name, Ink);
        if (height < 70) return;
        foreach (var (part, shift) in new[] { (1.0, 0), (-1.0, -14) })
        {
            var text = Invariant($"{scale * part:+0.###;-0.###}");
            var y = (int)(top + height / 2.0 - part * (height / 2.0 - 2)) + shift;
            canvas.Text(Left - 6 - PixelFont.Measure(text, text.Length > 4 ? 1 : 2), y, text, Faint, text.Length > 4 ? 1 : 2);
        }
    }

    /// <summary>Round seconds, far enough from each other to be read.</summary>
    static void Ticks(Canvas canvas, double seconds, int plotWidth, Action<double, string> draw)
    {
        var least = seconds * 90 / Math.Min(plotWidth, canvas.Width);
        var step = Math.Pow(10, Math.Floor(Math.Log10(least)));
        step *= least / step <= 1 ? 1 : least / step <= 2 ? 2 : least / step <= 5 ? 5 : 10;
        for (var i = 0; i * step <= seconds * 1.0001; i++)
            draw(Math.Min(seconds, i * step), Invariant($"{i * step:0.######} s"));
    }

    /// <summary>Gives each label the first row where it does not lie on another.</summary>
    static List<(WaveformMarker Marker, int X, int TextX, int Row)> Arrange(IReadOnlyList<WaveformMarker> markers, Func<double, int> x, int width)
    {
        const int MostRows = 4;
        var ends = new int[MostRows];
        var rows = new List<(WaveformMarker, int, int, int)>();
        foreach (var marker in markers.Where(marker => double.IsFinite(marker.Seconds) && marker.Seconds >= 0).OrderBy(marker => marker.Seconds))
        {
            var at = x(marker.Seconds);
            if (at > width - Right) continue;
            var label = marker with { Label = marker.Label.Length > 24 ? marker.Label[..24] : marker.Label };
            var textWidth = PixelFont.Measure(label.Label, 2) + 8;
            var textX = at + 6 + textWidth > width ? at - textWidth : at + 6;
            var row = Math.Max(0, Array.FindIndex(ends, end => end <= Math.Min(at, textX)));
            ends[row] = textX + textWidth;
            rows.Add((label, at, textX, row));
        }
        return rows;
    }

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
