using System.Buffers.Binary;
using System.IO.Compression;
using OscLooper.Dsp;

namespace OscLooper.Tests.Dsp;

public class WaveformTests
{
    readonly TemporaryFolder folder = new();

    [TearDown]
    public void Clean() => folder.Dispose();

    string Sound(int lanes, int frames, Func<int, int, double> sample)
    {
        using var writer = SoundFile.Create(folder["a.wav"], SoundFormat.WavFloat, lanes, 48000);
        writer.Write([.. Enumerable.Range(0, frames * lanes).Select(i => (float)sample(i / lanes, i % lanes))]);
        writer.Commit();
        return folder["a.wav"];
    }

    static double Loop(int frame, int lane)
    {
        double beat = frame % 24000 / 24000.0, time = frame / 48000.0;
        var kick = Math.Exp(-9 * beat) * Math.Sin(2 * Math.PI * (48 + 90 * Math.Exp(-30 * beat)) * time);
        var pad = 0.25 * Math.Sin(2 * Math.PI * (lane == 0 ? 220 : 277.2) * time) * Math.Sin(Math.PI * Math.Min(1, time / 4));
        return frame < 24000 ? 0 : 0.75 * kick + pad;
    }

    Canvas Paint(string path, string title = "", params WaveformMarker[] markers)
    {
        using var reader = SoundFile.Open(path);
        return Waveform.Paint(reader, title, markers, 1200, 400);
    }

    static uint Pixel(Canvas canvas, int x, int y)
    {
        var at = (y * canvas.Width + x) * 3;
        return (uint)(canvas.Pixels[at] << 16 | canvas.Pixels[at + 1] << 8 | canvas.Pixels[at + 2]);
    }

    [Test]
    public void The_picture_is_a_png_that_unpacks_to_its_pixels()
    {
        Waveform.Draw(Sound(2, 240_000, Loop), folder["demo.png"], "demo.wav",
            [new(0.5, "record"), new(2.5, "play"), new(2.6, "overdub"), new(4.9, "stop")]);
        var png = File.ReadAllBytes(folder["demo.png"]);
        if (Environment.GetEnvironmentVariable("OSCLOOPER_KEEP_PICTURE") is { } keep) File.WriteAllBytes(keep, png);

        Assert.That(png[..8], Is.EqualTo(new byte[] { 0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10 }));
        Assert.That(BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), Is.EqualTo(1200));
        Assert.That(BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)), Is.EqualTo(400));
        // The check of an empty IEND chunk is a well-known number.
        Assert.That(png[^12..], Is.EqualTo(new byte[] { 0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82 }));

        var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(33));
        using var zlib = new ZLibStream(new MemoryStream(png, 41, length), CompressionMode.Decompress);
        using var pixels = new MemoryStream();
        zlib.CopyTo(pixels);
        Assert.That(pixels.Length, Is.EqualTo(400 * (1 + 1200 * 3)));
        Assert.That(folder.Names, Is.EqualTo(new[] { "a.wav", "demo.png" }));
    }

    [Test]
    public void Sound_is_dark_where_it_is_loud_and_paper_where_it_is_silent()
    {
        var canvas = Paint(Sound(1, 96_000, (frame, _) => frame < 48_000 ? 0 : frame % 2 == 0 ? 0.9 : -0.9));
        int silentX = 300, loudX = 900, y = 100;
        Assert.That(Pixel(canvas, loudX, y), Is.EqualTo(0x1F5FA8u));
        Assert.That(Pixel(canvas, silentX, y), Is.EqualTo(0xFFFFFFu));
    }

    [Test]
    public void Overs_are_red()
    {
        var canvas = Paint(Sound(1, 9600, (frame, _) => frame % 2 == 0 ? 1.8 : 0));
        Assert.That(Enumerable.Range(34, 300).Count(y => Pixel(canvas, 600, y) == 0xD8342B), Is.InRange(20, 100));
    }

    [Test]
    public void A_marker_stands_where_its_second_is()
    {
        var canvas = Paint(Sound(1, 48_000, (_, _) => 0), "", new WaveformMarker(0.5, "x"), new WaveformMarker(7, "beyond the end"));
        var marked = Enumerable.Range(0, 1200).Where(x => Pixel(canvas, x, 34) == 0xD9730D).ToList();
        Assert.That(marked, Is.EqualTo(new[] { 622, 623 }));
    }

    [Test]
    public void Any_sound_can_be_drawn([Values(1, 2, 5, 40, 1000)] int lanes, [Values(0, 1, 3, 5000)] int frames, [Values(0.0, 1e-9, 1e30)] double level)
    {
        if (lanes * frames > 200_000) frames = 200;
        var path = Sound(lanes, frames, (frame, _) => frame % 3 * level);
        Assert.That(() => Waveform.Draw(path, folder["a.png"], "Title éß", [new(0, ""), new(double.NaN, "x"), new(1e300, "y"), new(-1, "z")], 1, 1), Throws.Nothing);
    }

    [Test]
    public void The_font_knows_what_can_be_typed()
    {
        static string Shape(char letter) => string.Concat(Enumerable.Range(0, 35).Select(i => PixelFont.Dot(letter, i % 5, i / 5) ? '#' : '.'));
        const string All = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:-+/()!?%'_=#*<>[]\"&|";
        Assert.That(All.Select(Shape), Is.Unique);
        Assert.That(All.Select(Shape), Has.None.EqualTo(Shape('é')), "the box of an unknown letter");
        Assert.That(Shape(' '), Does.Not.Contain('#'));
    }

    [Test]
    public void A_place_that_cannot_be_written_is_a_sentence() =>
        Assert.That(() => Waveform.Draw(Sound(1, 10, Loop), folder["no/a.png"]), Throws.InstanceOf<SoundFileException>());
}
