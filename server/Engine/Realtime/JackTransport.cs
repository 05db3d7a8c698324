namespace OscLooper.Server.Realtime;

/// <summary>[audio] What JACK's transport says at the beginning of a block; the driver writes it when somebody wants it, the transport reads it.</summary>
public sealed class JackTransport
{
    /// <summary>[any] The transport follows.</summary>
    internal volatile bool IsWanted;
    /// <summary>[any] A JACK client plays the engine.</summary>
    internal volatile bool IsThere;
    /// <summary>[audio] Something was written since the last block.</summary>
    internal bool IsFresh;
    internal bool IsRolling;
    /// <summary>[audio] JACK's transport frame.</summary>
    internal long Frame;
    /// <summary>[audio] Position in quarter notes; NaN when JACK's master does not tell.</summary>
    internal double Beat;
    /// <summary>[audio] Quarter notes in a minute; 0 when JACK's master does not tell.</summary>
    internal double Tempo;

    /// <summary>[audio] The driver's word.</summary>
    internal void Say(bool isRolling, long frame, double beat, double tempo) =>
        (IsRolling, Frame, Beat, Tempo, IsFresh) = (isRolling, frame, beat, tempo, true);
}
