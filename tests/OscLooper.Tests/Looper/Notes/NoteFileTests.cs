using OscLooper.Dsp;
using OscLooper.Looper;
using OscLooper.Tests.Dsp;

namespace OscLooper.Tests.Looper.Notes;

public class NoteFileTests
{
    [Test]
    public void A_layer_comes_back_to_the_frame_at_every_rate([Values(44100, 48000, 96000, 192000, 11025)] int rate)
    {
        using var folder = new TemporaryFolder();
        using var pool = new SegmentPool(64 << 20);
        pool.Work(0);
        var random = new Random(rate);
        var tape = new Tape { Frames = 123_457, Period = 123_456.7 };
        NoteTape.Begin(ref tape, pool);
        for (var i = 0; i < 500; i++)
            NoteTape.Insert(tape, pool, random.Next(3) > 0
                ? new NoteRecord { Position = (uint)(i * 240), Length = (uint)random.Next(1, 240), Velocity = random.Next(1, 128), Status = (byte)(NoteEvent.On | i % 16), First = (byte)(i % 128), Second = (byte)random.Next(128) }
                : new NoteRecord { Position = (uint)(i * 240), Status = (byte)(random.Next(0xA, 0xF) << 4 | i % 16), First = (byte)random.Next(128), Second = (byte)random.Next(128) });
        NoteFile.SaveLayer(folder["layer.mid"], tape, rate);
        var read = NoteFile.ReadLayer(folder["layer.mid"], pool, rate);

        Assert.That(read.Frames, Is.EqualTo(tape.Frames));
        string Text(NoteRecord r) => $"{r.Position} {r.Length} {r.Velocity} {r.Status:X2} {r.First} {((r.Status & 0xF0) is 0xC0 or 0xD0 ? 0 : r.Second)}";
        Assert.That(NoteTape.ToList(read).Select(Text), Is.EqualTo(NoteTape.ToList(tape).Select(Text)));
    }

    [Test]
    public void Every_file_of_the_corpus_is_loaded_or_refused_with_the_declared_error()
    {
        var corpus = SharedFolder.Need("smf");
        using var pool = new SegmentPool(64 << 20);
        pool.Work(0);
        var (loaded, refused) = (0, 0);
        foreach (var path in Directory.GetFiles(corpus, "*.mid", SearchOption.AllDirectories))
        {
            try
            {
                var tape = NoteFile.Load(path, pool, 48000, 24000);
                Assert.That(tape.Frames % 24000, Is.Zero, path);
                Assert.That(NoteTape.ToList(tape).Select(r => (long)r.Position), Is.Ordered, path);
                pool.FreeOnWorker(tape.Root);
                loaded++;
            }
            catch (MidiFileException)
            {
                refused++;
            }
        }
        TestContext.Out.WriteLine($"{loaded} loaded, {refused} refused");
        Assert.That(loaded, Is.GreaterThan(20));
        Assert.That(refused, Is.GreaterThan(2));
        Assert.That(pool.BytesInUse, Is.Zero);
    }
}
