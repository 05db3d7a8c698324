using OscLooper.Bard;
using OscLooper.Dsp;
using OscLooper.Looper;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Testing;
using OscLooper.Tests.Dsp;
using OscLooper.Tests.Server.Vault;

namespace OscLooper.Tests.Looper.Notes;

/// <summary>Loops of notes in a server: made by address, kept by the vault, written and read as MIDI files.</summary>
public class NoteMemoryTests
{
    readonly VaultStage stage = new();
    Server.Midi.Hearer ear = null!;

    [TearDown]
    public void GoAway() => stage.Dispose();

    // The bard plays the looper and the ear, the looper plays the ear: as connected by default.
    Rig Start() => stage.Start("", ("bard", at => new BardModule(at)), ("looper", at => new LooperModule(at)), ("ear", at => ear = new Server.Midi.Hearer(at)));

    static void Key(Rig rig, int pitch, int frames, int velocity = 90)
    {
        rig.Send("/bard/note", pitch, (float)velocity);
        rig.Render(frames);
        rig.Send("/bard/note", pitch, 0f);
    }

    static void Play(Rig rig)
    {
        Assert.That(rig.Call("/looper/add_channel", "midi")[^1].ToString(), Is.EqualTo("/done /looper/add_channel 3"));
        rig.Send("/looper/channel/3/sync", "none");
        rig.Send("/looper/channel/3/name", "Tasten");
        rig.Call("/looper/channel/3/add_scene");
        rig.Send("/looper/channel/3/record");
        rig.Render(700);
        Key(rig, 60, 500);
        Key(rig, 64, 301, 50);
        rig.Render(5000);
        rig.Send("/looper/channel/3/overdub");
        rig.Render(1234);
        Key(rig, 67, 999);
        rig.Render(100);
        rig.Send("/looper/channel/3/play");
        rig.Send("/looper/channel/3/volume", 0.8f);
        rig.Render(3000);
    }

    string[] Heard(Rig rig, int frames)
    {
        var start = rig.Frame;
        ear.Heard.Clear();
        rig.Render(frames);
        return [.. ear.Heard.Where(e => e.Frame >= start + 3000).Select(e => $"{e.Frame - start} {e.Status:X2} {e.Pitch} {e.Velocity}")];
    }

    [Test]
    public void Kind_ports_and_lists_say_what_it_is()
    {
        using var rig = Start();
        Play(rig);
        Assert.That(rig.Call("/looper/channels").Select(r => r.ToString()), Does.Contain("/looper/channels.item 3 midi 0 Tasten"));
        Assert.That(rig.Value("/looper/channel/3/input"), Is.EqualTo("notes/1"));
        Assert.That(rig.Value("/looper/channel/3/output"), Is.EqualTo("played/1"));
        rig.Send("/looper/channel/3/input", "audio:in");
        Assert.That(rig.TakeReplies()[^1].ToString(), Does.StartWith("/fail /looper/channel/3/input").And.Contain("not found"));
        rig.Send("/looper/channel/3/output", "played/2/10");
        Assert.That(rig.Value("/looper/channel/3/output"), Is.EqualTo("played/2/10"));
        var shape = rig.Call("/looper/channel/3/peaks", 64)[^1].Arguments[1].Blob.ToArray();
        Assert.That(shape.Where((_, i) => i % 2 == 1).Max(), Is.EqualTo(90));
    }

    [Test]
    public void The_bard_plays_the_looper_and_the_looper_the_synth_until_somebody_wants_to_record_the_synth()
    {
        using var rig = stage.Start("", ("bard", at => new BardModule(at)), ("looper", at => new LooperModule(at)), ("synth", at => new global::OscLooper.Synth.SynthModule(at)));
        string[] Connected() => [.. rig.Server.Engine.Patch.NoteConnections.Select(c => $"{c.From} {c.To}")];
        Assert.That(Connected(), Does.Contain("bard:out/1 looper:notes/1").And.Contain("bard:out/1 synth:notes").And.Contain("looper:played/1 synth:notes"));
        Assert.That(rig.Call("/realm/connect", "synth:out/1", "looper:in/1")[^1].ToString(), Does.StartWith("/done"));
        Assert.That(Connected(), Does.Contain("bard:out/1 synth:notes").And.Not.Contain("looper:played/1 synth:notes"));
        Assert.That(rig.Call("/realm/connect", "looper:played/1", "synth:notes")[^1].ToString(), Does.StartWith("/fail").And.Contain("cycle"));
        rig.Call("/realm/disconnect", "synth:out/1", "looper:in/1");
        rig.Render(8192);
        Assert.That(rig.Call("/realm/connect", "looper:played/1", "synth:notes")[^1].ToString(), Does.StartWith("/done"));
        Assert.That(rig.Call("/realm/connect", "synth:out/1", "looper:in/1")[^1].ToString(), Does.StartWith("/fail"), "what somebody asked for does not give way");
    }

    [Test]
    public void After_a_restart_the_same_notes_follow_with_their_history()
    {
        string[] goesOn, undone;
        using (var rig = Start())
        {
            Play(rig);
            VaultStage.Save(rig);
            goesOn = Heard(rig, 30_000);
            rig.Send("/looper/channel/3/undo");
            undone = Heard(rig, 30_000);
        }
        Assert.That(goesOn.Distinct().Count(), Is.GreaterThan(15));
        Assert.That(Directory.GetFiles(stage.Folder, "*.mid", SearchOption.AllDirectories), Has.Length.EqualTo(2));
        using var again = Start();
        Assert.That(Heard(again, 30_000), Is.EqualTo(goesOn));
        Assert.That(stage.Lines, Is.Empty);
        Assert.That(again.Value("/looper/channel/3/input"), Is.EqualTo("notes/1"));
        Assert.That(again.Value("/looper/channel/3/name"), Is.EqualTo("Tasten"));
        Assert.That(again.Value("/looper/channel/3/scenes"), Is.EqualTo("2"));
        Assert.That(again.Value("/looper/channel/3/layers"), Is.EqualTo("1"));
        again.Send("/looper/channel/3/undo");
        Assert.That(Heard(again, 30_000), Is.EqualTo(undone));
    }

    [Test]
    public void What_is_being_recorded_and_what_is_damaged_do_no_harm()
    {
        using (var rig = Start())
        {
            Play(rig);
            rig.Send("/looper/channel/3/scene", 2);
            rig.Send("/looper/channel/3/record");
            rig.Render(500);
            Key(rig, 50, 200);
            rig.Render(300);
            VaultStage.Save(rig);
        }
        var files = Directory.GetFiles(stage.Folder, "*.mid", SearchOption.AllDirectories).Order().ToArray();
        Assert.That(files, Has.Length.EqualTo(3));
        using (var again = Start())
        {
            again.Render(1000);
            Assert.That(again.Value("/looper/channel/3/state"), Does.StartWith("paused"));
            again.Send("/looper/channel/3/play");
            Assert.That(Heard(again, 6000), Has.Some.Contains(" 90 50 "));
        }
        File.WriteAllBytes(Directory.GetFiles(stage.Folder, "take.mid", SearchOption.AllDirectories).First(), [1, 2, 3]);
        using var damaged = Start();
        damaged.Render(1000);
        Assert.That(damaged.Value("/looper/channel/3/state"), Is.Not.Empty);
    }

    [Test]
    public void A_file_that_is_saved_and_loaded_sounds_the_same_and_is_rounded_up_to_beats()
    {
        using var folder = new TemporaryFolder();
        using var rig = new Rig(new ServerOptions { Folders = [folder["."]], Channels = 1 },
            ("bard", at => new BardModule(at)), ("looper", at => new LooperModule(at)), ("ear", at => ear = new Server.Midi.Hearer(at)));
        rig.Call("/looper/add_channel", "midi");
        rig.Send("/transport/tempo", 150d);
        rig.Send("/looper/channel/2/sync", "none");
        rig.Send("/looper/channel/2/record");
        rig.Render(1000);
        Key(rig, 60, 500);
        rig.Render(100);
        Key(rig, 62, 5000);
        rig.Send("/looper/channel/2/play");
        var name = folder["one.mid"];
        var frames = rig.Number("/looper/channel/2/frames");
        Assert.That(rig.Call("/looper/channel/2/save", name)[^1].ToString(), Does.StartWith("/done"));
        var file = MidiFile.Read(name, MidiReading.Strict);
        Assert.That(file.Division.TicksPerBeat, Is.EqualTo(19200), "a beat is whole frames, so a tick is one");
        Assert.That(file.GetTempoMap().TempoAt(0), Is.EqualTo(150).Within(1e-3));
        Assert.That(file.Tracks[0].EndTick, Is.EqualTo((long)frames));
        Assert.That(file.GetNotes().Select(n => (n.Pitch, n.Length, n.Velocity)), Is.EqualTo(new[] { (60, 500L, 90), (62, 5000L, 90) }));

        // In another tempo it keeps its beats; it is shorter than one, and becomes one.
        rig.Send("/transport/tempo", 75d);
        rig.Send("/looper/channel/2/stop");
        Assert.That(rig.Call("/looper/channel/2/load", name)[^1].ToString(), Does.StartWith("/done"));
        Assert.That(rig.Number("/looper/channel/2/frames"), Is.EqualTo(48000 * 60 / 75));
        ear.Heard.Clear();
        rig.Send("/looper/channel/2/play");
        rig.Render(40_000);
        var ons = ear.Heard.Where(e => e.IsOn).ToArray();
        Assert.That(ons[1].Frame - ons[0].Frame, Is.EqualTo(2 * (file.GetNotes()[1].Tick - file.GetNotes()[0].Tick)));
        Assert.That(rig.Call("/looper/channel/2/load", folder["none.mid"])[^1].ToString(), Does.StartWith("/fail").And.Contain("not found"));
        File.WriteAllText(folder["bad.mid"], "nothing of the kind");
        Assert.That(rig.Call("/looper/channel/2/load", folder["bad.mid"])[^1].ToString(), Does.StartWith("/fail").And.Contain("not a MIDI file"));
    }
}
