using OscLooper.Server.Midi;

namespace OscLooper.Tests.Enchanter;

/// <summary>Whatever is changed, bound, pulled out or frozen while keys are down: when all are up, nothing sounds.</summary>
public class StuckNoteTests
{
    [Test]
    public void A_thousand_random_evenings_leave_no_note_on()
    {
        var steps = 0;
        using var studio = Studio.Enchanted();
        var device = studio.Plug("some keys");
        for (var seed = 0; seed < 1000; seed++)
        {
            var random = new Random(seed);
            var down = new HashSet<int>();
            for (var step = random.Next(10, 50); step > 0; step--, steps++) Step(studio, ref device, random, down);
            if (!device.IsThere) device = studio.Plug("some keys");
            studio.Rig.Send("/realm/imp/controller/unfreeze");
            studio.Rig.Send("/realm/imp/enchanter/unfreeze");
            foreach (var key in down) device.Hear(studio.Rig.Frame, [(byte)(0x80 | key >> 7), (byte)(key & 127), 0]);
            device.Hear(studio.Rig.Frame, [0xB0, 67, 0]);
            studio.Rig.Render(2048, 512);
            var sounding = new HashSet<int>();
            foreach (var n in studio.Heard)
                if (n.IsOn) sounding.Add(n.Channel << 7 | n.Pitch);
                else if (n.IsOff) sounding.Remove(n.Channel << 7 | n.Pitch);
            Assert.That(sounding, Is.Empty, $"seed {seed}");
            Assert.That(studio.Rig.Value("/bard/sounding"), Is.EqualTo("0"), $"seed {seed}");
            studio.Heard.Clear();
        }
        TestContext.Out.WriteLine($"{steps} steps");
    }

    static void Step(Studio studio, ref MidiInput device, Random random, HashSet<int> down)
    {
        var (channel, pitch) = (random.Next(2), 60 + random.Next(6));
        var key = channel << 7 | pitch;
        switch (random.Next(24))
        {
            case 0:
                studio.Rig.Send("/controller/generic/control_key", random.Next(3) switch { 0 => "", 1 => "key/60", _ => "pedal/67" });
                break;
            case 1:
                studio.Rig.Send("/controller/generic/control_notes", random.Next(2) == 0 ? "62-64" : "0-127");
                break;
            case 2:
                studio.Rig.Send("/enchanter/bind", $"generic/key/{pitch}", "/server/ping");
                break;
            case 3:
                studio.Rig.Send("/enchanter/unbind", $"generic/key/{pitch}");
                break;
            case 4:
                studio.Rig.Send("/controller/generic/sends", random.Next(2) == 0 ? "" : "key:91");
                break;
            case 5 when random.Next(3) == 0:
                if (device.IsThere) studio.Unplug(device);
                else device = studio.Plug("some keys");
                break;
            case 6 when random.Next(3) == 0:
                studio.Rig.Send($"/realm/imp/{(random.Next(2) == 0 ? "controller" : "enchanter")}/{(random.Next(2) == 0 ? "freeze" : "unfreeze")}");
                break;
            case 7 when random.Next(4) == 0:
                studio.Rig.Send("/server/panic");
                break;
            case 8 or 9:
                device.Hear(studio.Rig.Frame, [0xB0, 67, (byte)(random.Next(2) * 127)]);
                break;
            case < 17:
                down.Add(key);
                device.Hear(studio.Rig.Frame, [(byte)(0x90 | channel), (byte)pitch, 80]);
                break;
            default:
                down.Remove(key);
                device.Hear(studio.Rig.Frame, [(byte)(0x90 | channel), (byte)pitch, 0]);
                break;
        }
        studio.Rig.Render(random.Next(1, 300), 64);
    }
}
