using System.Runtime.Intrinsics;

namespace OscLooper.Synth;

/// <summary>[audio] Who plays which key: finds a voice, steals the one missed least, holds what the pedal holds.</summary>
sealed class Voices
{
    internal const int Most = 64;
    const int NoKey = -1;

    struct Voice
    {
        public int Key, Channel;
        public long Order;
        public bool IsDown, IsOn;
    }

    readonly Voice[] voices = new Voice[Most];
    readonly VoiceGroup[] groups = [.. Enumerable.Range(0, Most / VoiceGroup.Size).Select(_ => new VoiceGroup())];
    readonly bool[] pedals = new bool[16];
    readonly double[] bends = new double[16], wheels = new double[16];
    long order;
    double lastPitch = double.NaN;

    internal int Polyphony { get; set; } = 32;
    /// <summary>[audio] Voices that sound, as of the last control tick.</summary>
    internal int Sounding { get; private set; }

    static int KeyOf(int source, int channel, int pitch) => (source * 16 + channel) * 128 + pitch;

    internal void On(SoundState sound, int source, int channel, int pitch, int velocity)
    {
        Off(sound, source, channel, pitch, despitePedal: true);
        var place = Find();
        var group = groups[place / VoiceGroup.Size];
        var from = sound.GlideSeconds > 0 && !double.IsNaN(lastPitch) ? lastPitch : pitch;
        voices[place] = new Voice { Key = KeyOf(source, channel, pitch), Channel = channel, Order = ++order, IsDown = true, IsOn = true };
        group.Start(place % VoiceGroup.Size, sound, pitch, velocity / 127.0, from, (uint)order * 2654435761, bends[channel], wheels[channel]);
        lastPitch = pitch;
    }

    int Find()
    {
        var best = 0;
        var missed = double.MaxValue;
        for (var i = 0; i < Polyphony; i++)
        {
            var level = groups[i / VoiceGroup.Size].LevelOf(i % VoiceGroup.Size);
            if (groups[i / VoiceGroup.Size].IsSilent(i % VoiceGroup.Size)) return i;
            // Those let go first, the quietest of them; then the oldest.
            var loss = voices[i].IsOn ? 2 + voices[i].Order : level;
            if (loss < missed) (best, missed) = (i, loss);
        }
        return best;
    }

    internal void Off(SoundState sound, int source, int channel, int pitch, bool despitePedal = false)
    {
        var key = KeyOf(source, channel, pitch);
        for (var i = 0; i < Most; i++)
        {
            if (!voices[i].IsOn || voices[i].Key != key) continue;
            voices[i].IsDown = false;
            if (!pedals[channel] || despitePedal) Release(i, sound);
        }
    }

    void Release(int voice, SoundState sound)
    {
        voices[voice].IsOn = false;
        groups[voice / VoiceGroup.Size].Release(voice % VoiceGroup.Size, sound);
    }

    internal void Control(SoundState sound, int channel, int controller, int value)
    {
        switch (controller)
        {
            case 1:
                wheels[channel] = value / 127.0;
                for (var i = 0; i < Most; i++)
                    if (voices[i].Channel == channel) groups[i / VoiceGroup.Size].Wheel(i % VoiceGroup.Size, wheels[channel]);
                break;
            case 64:
                pedals[channel] = value >= 64;
                for (var i = 0; i < Most && value < 64; i++)
                    if (voices[i] is { IsOn: true, IsDown: false } voice && voice.Channel == channel) Release(i, sound);
                break;
            case 120 or 123:
                for (var i = 0; i < Most; i++)
                    if (voices[i].IsOn && voices[i].Channel == channel) Release(i, sound);
                break;
        }
    }

    internal void Bend(int channel, int value)
    {
        bends[channel] = (value - 8192) / 8192.0 * 2;
        for (var i = 0; i < Most; i++)
            if (voices[i].Channel == channel) groups[i / VoiceGroup.Size].Bend(i % VoiceGroup.Size, bends[channel]);
    }

    /// <summary>[audio] Panic: silent at once.</summary>
    internal void Silence()
    {
        foreach (var group in groups) group.Silent();
        voices.AsSpan().Clear();
        foreach (ref var voice in voices.AsSpan()) voice.Key = NoKey;
        pedals.AsSpan().Clear();
        bends.AsSpan().Clear();
        wheels.AsSpan().Clear();
    }

    /// <summary>[audio] True while a voice sounds.</summary>
    internal bool IsActive
    {
        get
        {
            foreach (var group in groups)
                if (group.IsActive) return true;
            return false;
        }
    }

    internal void Tick(SoundState sound)
    {
        foreach (var group in groups) group.Tick(sound);
        var count = 0;
        for (var i = 0; i < Most; i++)
            if (groups[i / VoiceGroup.Size].IsActive && !groups[i / VoiceGroup.Size].IsSilent(i % VoiceGroup.Size)) count++;
        Sounding = count;
    }

    /// <summary>[audio] Up to a control tick's worth of frames.</summary>
    internal void Render(SoundState sound, Span<float> left, Span<float> right)
    {
        Span<Vector256<float>> l = stackalloc Vector256<float>[VoiceGroup.ControlFrames], r = stackalloc Vector256<float>[VoiceGroup.ControlFrames];
        l.Clear();
        r.Clear();
        var isAny = false;
        foreach (var group in groups)
        {
            if (!group.IsActive) continue;
            isAny = true;
            group.Render(sound, l, r, left.Length);
        }
        if (!isAny) return;
        for (var n = 0; n < left.Length; n++)
        {
            left[n] += Lanes.Sum(l[n]);
            right[n] += Lanes.Sum(r[n]);
        }
    }
}
