using OscLooper.Dsp;

namespace OscLooper.Server.Audio;

/// <summary>[any] Sound files that play as audio:in, laid side by side from its first lane on; silence after their end.</summary>
public sealed unsafe class InputFiles : IDisposable
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

    /// <summary>[audio] Fills so many lanes with what the files hold from this frame on.</summary>
    public void Fill(float** lanes, int count, long frame, int frames)
    {
        var lane = 0;
        for (var s = 0; s < sounds.Length; s++)
        {
            var sound = sounds[s];
            for (var own = 0; own < sound.Lanes && lane < count; own++, lane++)
            {
                var into = new Span<float>(lanes[lane], frames);
                var there = (int)Math.Clamp(sound.Frames - frame, 0, frames);
                if (there > 0) sound.Lane(own).Slice((int)frame, there).CopyTo(into);
                into[there..].Clear();
            }
        }
        for (; lane < count; lane++) new Span<float>(lanes[lane], frames).Clear();
    }

    /// <summary>[main, frozen] Gives the memory back.</summary>
    public void Dispose()
    {
        foreach (var sound in sounds) sound.Dispose();
        sounds = [];
    }
}
