using System.CommandLine;
using System.Globalization;

namespace OscLooper.Server.Commands;

using Command = System.CommandLine.Command;

/// <summary>[main] What a render needs to know.</summary>
sealed record RenderOptions(string Score, string Output, IReadOnlyList<string> Inputs, double Seconds, string Replies, ServerOptions Server);

/// <summary>[main] The options of render.</summary>
static class RenderCommand
{
    public static Command Make()
    {
        var score = new Option<string>("--score") { Description = "What happens when", HelpName = "FILE", Required = true };
        var output = new Option<string>("--output") { Description = "32-bit float WAV", HelpName = "OUT.wav", Required = true };
        var input = Checks.Words("--input", "Heard as audio:in, several side by side (may be repeated)", "IN.wav");
        var seconds = new Option<string>("--seconds") { Description = "Length [default: the longest input or 1 s after the last line]", HelpName = "S" };
        var rate = Checks.Number("--rate", "Frames in a second", 48000, 8000, 384000, "RATE");
        var block = Checks.Number("--block", "Frames in a block (the result is the same for all)", 128, 1, 8192);
        var inputs = Checks.Number("--inputs", "Lanes of audio:in (-1 = as many as the files have, at least 2)", -1, -1, 64);
        var outputs = Checks.Number("--outputs", "Lanes of the output", 2, 1, 64);
        var channels = Checks.Number("--channels", "Looper channels at start", 8, 0, 1024);
        var memory = Checks.Number("--memory", "Memory for loops (0 = a quarter of what there is)", 0, 0, int.MaxValue, "MIB");
        var modules = Checks.Word("--modules", "Which modules to load", "all", "looper,...|all");
        var replies = Checks.Word("--replies", "Writes every reply and change with its frame", "", "FILE");
        score.Validators.Add(r => Checks.MustExist(r, "--score"));
        input.Validators.Add(r => Checks.MustExist(r, "--input"));
        seconds.Validators.Add(r => Checks.Refuse(r, "--seconds", "a time in seconds", v => TrySeconds(v, out _)));

        var command = new Command("render", "Plays a score into a file, without a sound card and faster than life.");
        foreach (var option in (Option[])[score, output, input, seconds, rate, block, inputs, outputs, channels, memory, modules, replies]) command.Options.Add(option);
        command.SetAction(result =>
        {
            TrySeconds(result.GetValue(seconds) ?? "", out var length);
            return Render.Run(new(result.GetValue(score)!, result.GetValue(output)!, result.GetValue(input)!, length, result.GetValue(replies)!, new ServerOptions
            {
                OscPort = 0,
                Audio = "none",
                Offline = true,
                // Nobody but the player speaks here: a score may name any file that its user may touch.
                AnyPath = true,
                Rate = result.GetValue(rate),
                Block = result.GetValue(block),
                Inputs = result.GetValue(inputs),
                Outputs = result.GetValue(outputs),
                Channels = result.GetValue(channels),
                MemoryMib = result.GetValue(memory),
                Modules = Checks.Names(result.GetValue(modules)!),
            }));
        });
        return command;
    }

    // -1 = not given.
    static bool TrySeconds(string text, out double seconds)
    {
        var isFine = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds) && seconds <= 1e6;
        if (!isFine) seconds = -1;
        return isFine;
    }
}
