export interface FollowState {
  followForm: 'text' | 'hex' | 'decoded' | 'reads';
  followSides: 'both' | 'client' | 'upstream';
}
