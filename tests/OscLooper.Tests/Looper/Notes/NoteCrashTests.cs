using OscLooper.Dsp;
using OscLooper.Looper;
using OscLooper.Testing;
using OscLooper.Tests.Dsp;
using OscLooper.Tests.Server.Vault;

namespace OscLooper.Tests.Looper.Notes;

/// <summary>A server that dies while notes are recorded: its folder is taken as it is at that moment, and another server starts over it.</summary>
public class NoteCrashTests
{
    const int Second = 48_000, Tenth = Second / 10;
    const string Channel = "/looper/channel/3/";
    readonly VaultStage stage = new();
    readonly TemporaryFolder copies = new();
    LooperModule looper = null!;
    int crashes;

    [TearDown]
    public void GoAway()
    {
        stage.Dispose();
        copies.Dispose();
    }

    Rig Start(bool isSaved = true)
    {
        var rig = stage.Start("", ("looper", at => looper = new LooperModule(at)));
        rig.Call("/looper/add_channel", "midi");
        rig.Send(Channel + "sync", "none");
        rig.Render(256);
        if (isSaved) VaultStage.Save(rig);
        return rig;
    }

    Rig AfterCrash()
    {
        var copy = copies[$"{crashes++}"];
        foreach (var file in Directory.GetFiles(stage.Folder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock"))
        {
            var to = Path.Combine(copy, Path.GetRelativePath(stage.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
        var rig = new Rig(new OscLooper.Server.ServerOptions { Vault = copy, Channels = 2 }, ("looper", at => looper = new LooperModule(at)));
        rig.Render(256);
        return rig;
    }

    static void Hear(Rig rig, params byte[] bytes) => rig.Server.Engine.Midi.Inputs[0].Hear(rig.Frame, bytes);

    // A key for a tenth of a second; then another tenth passes.
    static void Key(Rig rig, int pitch, int velocity = 100)
    {
        Hear(rig, 0x90, (byte)pitch, (byte)velocity);
        rig.Render(Tenth);
        Hear(rig, 0x80, (byte)pitch, 64);
        rig.Render(Tenth);
    }

    // What is on the channel now.
    List<NoteRecord> Saved(TemporaryFolder folder)
    {
        var path = folder["saved"];
        looper.SaveCopy(Directory.CreateDirectory(path));
        using var pool = new SegmentPool(16 << 20, 16);
        return [.. NoteTape.ToList(NoteFile.ReadLayer(Directory.GetFiles(path, "loop.mid", SearchOption.AllDirectories).Single(), pool, Second)).Where(r => r.IsNote)];
    }

    static string State(Rig rig) => rig.Value(Channel + "state").Split(' ')[0];

    [TestCase(true)]
    [TestCase(false)]
    public void A_take_of_notes_under_way_loses_half_a_second_at_most(bool isSavedMeanwhile)
    {
        using var rig = Start();
        rig.Send(Channel + "record");
        var done = 0;
        for (var n = 0; n < 10; n++) Key(rig, 40 + n, 10 + n);
        if (isSavedMeanwhile) VaultStage.Save(rig);
        for (var n = 10; n < 60; n++) Key(rig, 40 + n, 10 + n);
        done += 60 * 2 * Tenth;
        using var again = AfterCrash();
        Assert.That(State(again), Is.EqualTo("paused"));
        Assert.That((int)again.Number(Channel + "frames"), Is.InRange(done - Second / 2, done + 256));
        using var folder = new TemporaryFolder();
        var notes = Saved(folder);
        Assert.That(notes, Has.Count.InRange(57, 60));
        for (var n = 0; n < notes.Count - 1; n++)
            Assert.That((notes[n].First, notes[n].Velocity, notes[n].Position - notes[0].Position, notes[n].Length), Is.EqualTo((40 + n, 10 + n, (uint)(n * 2 * Tenth), (uint)Tenth)));
        again.Send(Channel + "play");
        again.Render(Second);
        Assert.That(State(again), Is.EqualTo("looping"));
    }

    [Test]
    public void A_key_that_is_held_when_the_server_dies_is_not_lost()
    {
        using var rig = Start();
        rig.Send(Channel + "record");
        Key(rig, 50);
        Hear(rig, 0x90, 60, 80);
        rig.Render(3 * Second);
        using var again = AfterCrash();
        using var folder = new TemporaryFolder();
        var notes = Saved(folder);
        Assert.That(notes.Select(n => n.First), Is.EqualTo(new[] { 50, 60 }));
        Assert.That((int)notes[1].Length, Is.InRange(3 * Second - Second / 2, 3 * Second));
    }

    [Test]
    public void A_take_of_notes_on_a_channel_that_was_added_after_the_last_save_comes_back()
    {
        using var rig = Start(isSaved: false);
        rig.Send(Channel + "record");
        for (var n = 0; n < 4; n++) Key(rig, 40 + n);
        Assert.That(File.Exists(stage["vault.json"]), Is.False);
        using var again = AfterCrash();
        Assert.That(State(again), Is.EqualTo("paused"));
        Assert.That(again.Number(Channel + "frames"), Is.GreaterThan(Second / 4));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_pass_over_a_loop_of_notes_loses_half_a_second_at_most(bool isSavedMeanwhile)
    {
        using var rig = Start();
        rig.Send(Channel + "record");
        for (var n = 0; n < 10; n++) Key(rig, 40);
        rig.Send(Channel + "play");
        rig.Render(512);
        VaultStage.Save(rig);
        rig.Send(Channel + "overdub");
        Key(rig, 70);
        if (isSavedMeanwhile) VaultStage.Save(rig);
        for (var n = 1; n < 8; n++) Key(rig, 70 + n);
        using var again = AfterCrash();
        Assert.That(State(again), Is.EqualTo("looping"));
        Assert.That(again.Number(Channel + "layers"), Is.EqualTo(1), "the pass is a layer of its own");
        using var folder = new TemporaryFolder();
        Assert.That(Saved(folder).Count(r => r.First >= 70), Is.InRange(6, 8));
        again.Send(Channel + "undo");
        again.Render(256);
        using var below = new TemporaryFolder();
        Assert.That(Saved(below).Select(r => r.First), Is.All.EqualTo(40));
    }

    [Test]
    public void Files_of_notes_under_way_go_when_two_newer_saves_hold_them()
    {
        using var rig = Start();
        var takes = stage["takes/looper"];
        rig.Send(Channel + "record");
        Key(rig, 60);
        rig.Render(Second);
        Assert.That(Directory.GetFiles(takes), Has.Length.EqualTo(1));
        rig.Send(Channel + "play");
        rig.Render(Second / 2);
        for (var n = 0; n < 3; n++) VaultStage.Save(rig);
        Assert.That(Directory.GetFiles(takes), Is.Empty);
    }

    [Test]
    public void Damaged_files_of_notes_cost_themselves_only()
    {
        using var rig = Start();
        rig.Send(Channel + "record");
        for (var n = 0; n < 10; n++) Key(rig, 40 + n);
        var whole = File.ReadAllBytes(Directory.GetFiles(stage["takes/looper"]).Single());
        using var folder = new TemporaryFolder();
        using var pool = new SegmentPool(16 << 20, 16);
        var random = new Random(4);
        var (read, refused) = (0, 0);
        for (var n = 0; n < 3000; n++)
        {
            var bytes = whole[..random.Next(whole.Length + 1)];
            for (var k = random.Next(6); k > 0 && bytes.Length > 0; k--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(folder["x.notes"], bytes);
            try
            {
                var tape = NoteTakeFile.Read(folder["x.notes"], pool);
                foreach (var r in NoteTape.ToList(tape)) Assert.That(r.Position < tape.Frames && (r.First | r.Second) < 128 && (!r.IsNote || r.Velocity is >= 0 and <= 127));
                pool.FreeOnWorker(tape.Root);
                read++;
            }
            catch (SoundFileException)
            {
                refused++;
            }
        }
        Assert.That(read, Is.GreaterThan(100));
        Assert.That(refused, Is.GreaterThan(100));
    }
}
