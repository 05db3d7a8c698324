using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[audio] Where the channel hears from and sounds to, and how loud.</summary>
partial class Channel
{
    /// <summary>[any] All lanes in order.</summary>
    public const int AllLanes = -1;
    /// <summary>[any] No lane.</summary>
    public const int NoLane = -2;

    Way[] ways = [];
    int[] inputLanes = [];
    int inputCount, outputCount;
    long rerouteFrame = -1;
    private protected (int First, int Second) input = (AllLanes, AllLanes), output = (AllLanes, AllLanes);

    void MakeWays(AudioFormat format)
    {
        (inputCount, outputCount) = (format.Inputs, format.Outputs);
        inputLanes = new int[Lanes];
        // A mono loop has two ways, so that it can be panned.
        ways = new Way[Math.Max(2, Lanes)];
        for (var i = 0; i < ways.Length; i++) ways[i] = new Way { Lane = Math.Min(i, Lanes - 1), IsRight = i % 2 == 1, Gain = new Ramp(ramp, 1) };
        Connect();
    }

    private protected virtual void Connect()
    {
        for (var lane = 0; lane < Lanes; lane++)
            inputLanes[lane] = input.First == AllLanes ? (inputCount == 0 ? NoLane : lane % inputCount) : lane % 2 == 0 || input.Second < 0 ? input.First : input.Second;
        for (var i = 0; i < ways.Length; i++)
            ways[i].Out = output.First == AllLanes ? (outputCount == 0 ? NoLane : i % outputCount) : i % 2 == 0 || output.Second < 0 ? output.First : output.Second;
        // A mono loop that goes to one output only goes there once.
        if (Lanes == 1 && ways[0].Out == ways[1].Out) ways[1].Out = NoLane;
    }

    // Fades out, connects, fades in: no click.
    private protected virtual void Reroute(int first, int second, bool isInput)
    {
        if (isInput) input = (first, second);
        else output = (first, second);
        if (!IsBusy)
        {
            Connect();
            return;
        }
        rerouteFrame = audio.Frame + ramp.Frames;
        if (isInput) heard.Start(audio.Frame, 0);
        UpdateGains(audio.Frame);
    }

    void FinishReroute(long frame)
    {
        rerouteFrame = -1;
        Connect();
        heard.Start(frame, 1);
        UpdateGains(frame);
    }

    /// <summary>[audio] True when this channel is solo.</summary>
    public bool IsSolo => cells.Solo.IsOn && !IsLeaving;

    /// <summary>[audio] Gains follow volume, pan, mute and solo; each change moves over the length of a ramp from this frame on.</summary>
    public virtual void UpdateGains(long frame)
    {
        var isSilent = rerouteFrame >= 0 || cells.Mute.IsOn || (looper.AnySolo && !cells.Solo.IsOn);
        NoteMute(cells.Mute.IsOn || (looper.AnySolo && !cells.Solo.IsOn), frame);
        var pan = (float)cells.Pan.Value;
        foreach (ref var way in ways.AsSpan())
        {
            var gain = isSilent ? 0f : (float)cells.Volume.Value * (way.IsRight ? Pan.Right(pan) : Pan.Left(pan));
            if (gain != way.Gain.Target) way.Gain.Start(frame, gain);
        }
    }
}
