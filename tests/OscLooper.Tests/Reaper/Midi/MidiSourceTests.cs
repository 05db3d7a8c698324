using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OscLooper.Reaper.Build;
using OscLooper.Reaper.Midi;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Tests.Reaper.Midi;

public class MidiSourceTests
{
    [Test]
    public void Any_events_come_back_in_their_order() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), number =>
        {
            var take = Random(new Random(number));
            var back = WriteAndRead(take);
            return back.TicksPerBeat == take.TicksPerBeat && back.LengthTicks == take.LengthTicks && back.Events.SequenceEqual(take.Events);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500 * Soak.Times));

    [Test]
    public void Any_events_survive_as_notes_of_a_song()
    {
        for (var number = 0; number < 500; number++)
        {
            var take = Random(new Random(number));
            var midi = SongMidiTake.FromTake(take);
            var back = SongMidiTake.ToTake(midi);
            // A note-on of velocity 0 ends a note: it comes back as a note-off, which sounds the same. A pair keeps its mute only when both have it.
            Assert.That(Plain(back), Is.EqualTo(Plain(take)), $"take {number}");
            Assert.That(back.Events.Zip(back.Events.Skip(1), (a, b) => a.Tick <= b.Tick), Has.None.False);
        }

        static List<string> Plain(MidiTake take) => [.. take.Events.Select(e =>
            $"{e.Tick} {((e.Data[0] & 0xf0) == 0x90 && e.Data[2] == 0 ? $"{0x80 | (e.Data[0] & 15):X2}{e.Data[1]:X2}00" : Convert.ToHexString(e.Data))}").Order(StringComparer.Ordinal)];
    }

    [Test]
    public void The_last_event_is_the_end_of_the_source()
    {
        var take = new MidiTake { LengthTicks = 3840 };
        take.Events.Add(new(960, [0x90, 60, 100]));
        take.Events.Add(new(1920, [0x80, 60, 0]));
        var block = MidiSource.Write(take, new GuidSource(1).Next);
        Assert.That(block.Children.OfType<RppLine>().Where(l => l.Is("E")).Select(l => l.Text), Is.EqualTo(new[] { "E 960 90 3c 64", "E 960 80 3c 00", "E 1920 b0 7b 00" }));
    }

    [Test]
    public void A_sixteenth_is_240_ticks()
    {
        var midi = new SongMidi { Unit = "1/16", Notes = [new() { Start = 1, Duration = 1 }] };
        Assert.That(SongMidiTake.ToTake(midi).Events.Select(e => e.Tick), Is.EqualTo(new[] { 240, 480 }));
    }

    [Test]
    public void A_note_without_length_begins_before_it_ends_and_a_repeated_one_ends_before_it_begins()
    {
        var midi = new SongMidi { Notes = [new() { Start = 0, Duration = 1 }, new() { Start = 1, Duration = 0 }] };
        Assert.That(SongMidiTake.ToTake(midi).Events.Select(e => (e.Tick, e.Data[0])), Is.EqualTo(new (long, byte)[] { (0, 0x90), (960, 0x80), (960, 0x90), (960, 0x80) }));
    }

    [Test]
    public void Every_midi_source_of_the_real_files_is_read()
    {
        SharedFolder.Need("rpp-third-party");
        var events = 0;
        var sources = 0;
        foreach (var file in SharedFolder.RealProjects())
            foreach (var source in RppDocument.Parse(File.ReadAllBytes(file)).Project?.Blocks("TRACK").SelectMany(t => t.Blocks("ITEM")).SelectMany(i => i.Blocks("SOURCE")).Where(s => s.Open.At(1) == "MIDI") ?? [])
            {
                Assert.That(MidiSource.TryRead(source, out var take, out var reason), Is.True, reason);
                sources++;
                events += take.Events.Count;
            }
        TestContext.Out.WriteLine($"{sources} sources, {events} events");
        Assert.That(events, Is.GreaterThan(20));
    }

    [TestCase("E x 90 3c 60")]
    [TestCase("E 0 90 3c")]
    [TestCase("E 0 10 3c 60")]
    [TestCase("E 0 90 ff 60")]
    [TestCase("E 99999999999 90 3c 60")]
    [TestCase("<X 0 0\n!!!\n>")]
    public void What_is_not_MIDI_is_refused_with_its_line(string line)
    {
        var block = (RppBlock)RppDocument.Parse(Encoding.ASCII.GetBytes($"<SOURCE MIDI\nHASDATA 1 960 QN\n{line}\n>\n")).Roots[0];
        Assert.That(MidiSource.TryRead(block, out _, out var reason), Is.False);
        Assert.That(reason, Does.Contain(line.Split('\n')[0]));
    }

    static MidiTake WriteAndRead(MidiTake take)
    {
        var document = new RppDocument();
        document.Roots.Add(MidiSource.Write(take, new GuidSource(3).Next));
        Assert.That(MidiSource.TryRead((RppBlock)RppDocument.Parse(document.ToBytes()).Roots[0], out var back, out var reason), Is.True, reason);
        return back;
    }

    static MidiTake Random(Random random)
    {
        var take = new MidiTake { TicksPerBeat = random.Next(1, 32768) };
        var tick = 0L;
        for (var n = random.Next(60); n > 0; n--)
        {
            tick += random.Next(3) == 0 ? 0 : random.Next(2000);
            byte one = (byte)random.Next(random.Next(2) == 0 ? 128 : 3), two = (byte)random.Next(128), channel = (byte)random.Next(random.Next(2) == 0 ? 16 : 1);
            byte[] data = random.Next(10) switch
            {
                0 => [(byte)(0x80 | channel), one, two],
                1 or 2 => [(byte)(0x90 | channel), one, two],
                3 => [(byte)(0xa0 | channel), one, two],
                4 => [(byte)(0xb0 | channel), (byte)(one % 120), two],
                5 => [(byte)(0xc0 | channel), one],
                6 => [(byte)(0xd0 | channel), one],
                7 => [(byte)(0xe0 | channel), one, two],
                8 => [0xf0, .. Enumerable.Range(0, random.Next(200)).Select(_ => (byte)random.Next(128)), 0xf7],
                _ => [0xff, (byte)random.Next(1, 0x60), .. Encoding.UTF8.GetBytes("te'xt \"`é🎸 " + new string('y', random.Next(300)))],
            };
            take.Events.Add(new(tick, data));
        }
        take.LengthTicks = tick + random.Next(5000);
        return take;
    }
}
