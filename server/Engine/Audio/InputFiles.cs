using OscLooper.Dsp;

namespace OscLooper.Server.Audio;

/// <summary>[any] Sound files that play as audio:in (beside what a device hears), laid side by side from its first lane on; silence after their end.</summary>
public sealed class InputFiles : IDisposable
{
    Sound[] sounds = [];

    /// <summary>[main] Reads the files, at the engine's rate; a file that cannot be read is a SoundFileException.</summary>
    public InputFiles(IEnumerable<string> paths, int rate)
    {
        try
        {
            foreach (var path in paths) sounds = [.. sounds, SoundFile.ReadAll(path, rate)];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>[any] Lanes of all files together.</summary>
    public int Lanes => sounds.Sum(s => s.Lanes);
    /// <summary>[any] Length of the longest.</summary>
    public int Frames => sounds.Length == 0 ? 0 : sounds.Max(s => s.Frames);

    /// <summary>[audio] Adds to one lane what the files hold for it from this frame on.</summary>
    public void Add(int lane, Span<float> into, long frame)
    {
        for (var s = 0; s < sounds.Length; s++)
        {
            var sound = sounds[s];
            if (lane >= sound.Lanes)
            {
                lane -= sound.Lanes;
                continue;
            }
            var there = (int)Math.Clamp(sound.Frames - frame, 0, into.Length);
            if (there > 0) Mix.AddScaled(into[..there], sound.Lane(lane).Slice((int)frame, there), 1);
            return;
        }
    }

    /// <summary>[main, frozen] Gives the memory back.</summary>
    public void Dispose()
    {
        foreach (var sound in sounds) sound.Dispose();
        sounds = [];
    }
}
