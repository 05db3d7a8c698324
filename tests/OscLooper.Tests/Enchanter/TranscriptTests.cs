using System.Text;
using OscLooper.Osc;
using OscLooper.Server.Midi;
using OscLooper.Tests.House;

namespace OscLooper.Tests.Enchanter;

/// <summary>
/// What each controller says, byte by byte, what comes of it, and how it is lit. A line of a transcript is
/// <c>+ port</c> plugged in, <c>- port</c> pulled out, <c>&gt; bytes</c> from the device (<c>k&gt;</c> from its second cable), <c>! address</c> from another client, <c>? address value</c> what it is told when it asks;
/// then what follows from it: <c>= address</c> that the enchanter sends, <c>&lt; bytes</c> to the device, <c>~ bytes</c> to the instruments.
/// </summary>
public class TranscriptTests
{
    static string Folder => Path.Combine(Checkout.Root, "tests", "OscLooper.Tests", "Enchanter", "transcripts");

    [TestCase("apc_key_25_mk1")]
    [TestCase("apc_key_25_mk2")]
    [TestCase("mpk_mini_mk3")]
    [TestCase("microfreak")]
    [TestCase("p85")]
    [TestCase("generic")]
    public void Every_byte_is_as_the_transcript_says(string controller)
    {
        var file = Path.Combine(Folder, controller + ".txt");
        var wanted = File.ReadAllText(file).ReplaceLineEndings("\n");
        using var studio = Studio.Enchanted();
        var said = Play(studio, wanted);
        if (Environment.GetEnvironmentVariable("OSCLOOPER_WRITE_TRANSCRIPTS") == "1") File.WriteAllText(file, said);
        Assert.That(said, Is.EqualTo(wanted));
    }

    static string Play(Studio studio, string script)
    {
        var text = new StringBuilder();
        var inputs = new List<MidiInput>();
        MidiOutput? output = null;
        studio.Rig.Send("/server/subscribe", "/server/trace");
        studio.Rig.Send("/server/trace", 1);
        foreach (var line in script.Split('\n'))
        {
            if (line.Length < 2 || line[0] == '#')
            {
                if (line.Length > 0) text.Append(line).Append('\n');
                else if (text.Length > 0 && text[^1] == '\n' && line == "" && !text.ToString().EndsWith("\n\n", StringComparison.Ordinal)) text.Append('\n');
                continue;
            }
            var rest = line[(line.IndexOf(' ') + 1)..];
            switch (line[..line.IndexOf(' ')])
            {
                case "+":
                    // All cables of a device come at once.
                    var ports = rest.Split(" | ");
                    inputs = [.. ports.Select(studio.Come)];
                    output = studio.PlugBoth(ports[0]).Out;
                    break;
                case "-":
                    if (output!.Name == rest) output.Go();
                    studio.Unplug(inputs.Single(i => i.Name == rest));
                    break;
                case ">":
                    inputs[0].Hear(studio.Rig.Frame, Convert.FromHexString(rest.Replace(" ", "")));
                    break;
                case "k>":
                    inputs[1].Hear(studio.Rig.Frame, Convert.FromHexString(rest.Replace(" ", "")));
                    break;
                case "!":
                    Assert.That(OscText.TryParse(rest, out var message, out var error), Is.True, error.ToString());
                    studio.Rig.SendBytes(message.ToBytes());
                    break;
                case "?":
                    var asked = rest.Split(' ')[0];
                    text.Append($"? {asked} {studio.Rig.Value(asked)}".TrimEnd()).Append('\n');
                    studio.Rig.TakeReplies();
                    continue;
                default:
                    continue;
            }
            text.Append(line).Append('\n');
            studio.Wait();
            // A controller says what it does and changes nothing: the enchanter alone speaks to others.
            Assert.That(studio.SaidBy("controller"), Is.Empty);
            foreach (var said in studio.Said()) text.Append("= ").Append(said).Append('\n');
            foreach (var bytes in Studio.Sent(output!).Split(", ", StringSplitOptions.RemoveEmptyEntries)) text.Append("< ").Append(bytes).Append('\n');
            foreach (var note in studio.Heard) text.Append($"~ {note.Status:X2} {note.Pitch:X2} {note.Velocity:X2}\n");
            studio.Heard.Clear();
        }
        return text.ToString().TrimEnd('\n') + "\n";
    }
}
