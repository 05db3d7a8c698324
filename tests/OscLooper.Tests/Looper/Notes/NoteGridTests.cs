using OscLooper.Tests.Enchanter;

namespace OscLooper.Tests.Looper.Notes;

public class NoteGridTests
{
    [Test]
    public void A_grid_of_pads_drives_a_channel_of_notes_as_any_other()
    {
        using var studio = Studio.Enchanted();
        Assert.That(studio.Rig.Call("/looper/add_channel", "midi")[^1].ToString(), Does.EndWith("add_channel 9"));
        var (device, _) = studio.PlugBoth("APC Key 25 MIDI 1");
        studio.Wait();
        // Shift and Right: the eight columns show channels 2 to 9.
        studio.Play(device, 0x90, 0x62, 0x7F, 0x90, 0x43, 0x7F, 0x80, 0x43, 0, 0x80, 0x62, 0);
        studio.Wait();
        void Pad() => studio.Play(device, 0x90, 0x27, 0x7F, 0x80, 0x27, 0);
        Pad();
        studio.Wait();
        Assert.That(studio.Rig.Value("/looper/channel/9/state"), Does.StartWith("recording"));
        studio.Rig.Send("/bard/note", 60, 100f);
        studio.Wait();
        studio.Rig.Send("/bard/note", 60, 0f);
        studio.Wait();
        Pad();
        studio.Wait();
        Assert.That(studio.Rig.Value("/looper/channel/9/state"), Does.StartWith("looping"));
        var before = studio.Heard.Count(e => e.IsOn);
        studio.Wait(200_000);
        Assert.That(studio.Heard.Count(e => e.IsOn), Is.GreaterThan(before), "it plays");
        Pad();
        studio.Wait();
        Assert.That(studio.Rig.Value("/looper/channel/9/state"), Does.StartWith("overdubbing"));
        // Stop All Clips.
        studio.Play(device, 0x90, 0x51, 0x7F, 0x80, 0x51, 0);
        studio.Wait();
        Assert.That(studio.Rig.Value("/looper/channel/9/state"), Does.StartWith("paused"));
        Assert.That(NoteStage.Sounding(studio.Heard.Where(e => e.Source == 1)), Is.Empty);
    }
}
