// Where distributions install the header; both spellings reach the same file.
#include "../concurrentqueue.h"
